"""ReceiptStore."""

from adapters.outbound.sql.tables import receipts
from application.ports.storage.unit_of_work import Work
from domain.player import MAX_AMOUNT
from domain.shop import Receipt
from tests.support.storage import NOW, Storage


def a_receipt(user_id: int, product_id: str, n: int = 1) -> Receipt:
    code = f"R-{user_id}-{product_id}-{n}"
    return Receipt(receipt_code=code, product_id=product_id, quantity=n, amount=MAX_AMOUNT)


def adding(user_id: int, receipt: Receipt) -> Work[None]:
    return lambda stores: stores.receipts.add(user_id, receipt, NOW)


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


async def test_a_receipt_is_kept_whole(storage: Storage) -> None:
    """Every field and the time of the purchase are stored."""
    user_id = await storage.new_player()
    bought = a_receipt(user_id, "chest", 100)
    await storage.write(adding(user_id, bought))
    [row] = await storage.rows(receipts.select().where(receipts.c.user_id == user_id))
    kept = Receipt(
        receipt_code=row.receipt_code,
        product_id=row.product_id,
        quantity=row.quantity,
        amount=row.amount,
    )
    assert kept == bought
    assert row.created_at == NOW.timestamp() * 1000
