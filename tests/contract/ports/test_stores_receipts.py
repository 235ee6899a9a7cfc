"""ReceiptStore."""

from datetime import timedelta

from attrs import evolve

from application.ports.storage.unit_of_work import Work
from domain.player import MAX_AMOUNT
from domain.shop import Receipt
from tests.support.storage import NOW, Storage


def a_receipt(user_id: int, product_id: str, n: int = 1) -> Receipt:
    return Receipt(
        receipt_code=f"R-{user_id}-{product_id}-{n}",
        product_id=product_id,
        quantity=n,
        amount=MAX_AMOUNT,
        bought_at=NOW,
    )


def adding(user_id: int, receipt: Receipt) -> Work[None]:
    return lambda stores: stores.receipts.add(user_id, receipt)


def latest(user_id: int, limit: int) -> Work[list[Receipt]]:
    return lambda stores: stores.receipts.latest(user_id, limit)


async def test_what_was_bought_is_owned(storage: Storage) -> None:
    """The buyer owns a product once, however often it was bought; other users do not."""
    user_id, other_id = await storage.new_player(), await storage.new_player()
    for product_id, n in (("frame", 1), ("chest", 1), ("chest", 2)):
        bought = a_receipt(user_id, product_id, n)
        await storage.write(adding(user_id, bought))
    assert await storage.read(lambda stores: stores.receipts.owned(user_id)) == {"frame", "chest"}
    assert await storage.read(lambda stores: stores.receipts.owns(user_id, "chest")) is True
    assert await storage.read(lambda stores: stores.receipts.owns(user_id, "crown")) is False
    assert await storage.read(lambda stores: stores.receipts.owns(other_id, "chest")) is False
    assert await storage.read(lambda stores: stores.receipts.owned(other_id)) == set()


async def test_the_latest_receipts_newest_first(storage: Storage) -> None:
    """They are whole, and in the order of `add`, also where the clock of another node is behind;
    other users' are left out."""
    user_id, other_id = await storage.new_player(), await storage.new_player()
    bought = [a_receipt(user_id, "chest", n) for n in (3, 1, 2)]
    bought[1] = evolve(bought[1], bought_at=NOW - timedelta(seconds=1))
    for receipt in bought:
        await storage.write(adding(other_id, a_receipt(other_id, "chest", receipt.quantity)))
        await storage.write(adding(user_id, receipt))
    assert await storage.read(latest(user_id, 20)) == bought[::-1]
    assert await storage.read(latest(user_id, 2)) == [bought[2], bought[1]]
    assert await storage.read(latest(await storage.new_player(), 20)) == []
