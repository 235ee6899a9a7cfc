"""Buy a product in the shop."""

from typing import Annotated

from attrs import evolve, frozen

from application.ports.ids import Ids
from application.transactions.command import Actor, Command, Result
from application.transactions.player_transaction import PlayerTransaction
from application.transactions.player_transactions import PlayerTransactions
from application.use_cases.games.gameplay import act
from domain.constraints import Description, Range, ShortText
from domain.events import PurchaseStatus, PurchaseUpdate
from domain.ledger import LedgerReason
from domain.shop import MAX_QUANTITY, Product, Receipt, find_product, total_price


@frozen(kw_only=True)
class BuyCommand(Command):
    """The product, and the number of pieces."""

    product_id: Annotated[
        ShortText, Description("The id of a product, as the product list has it.")
    ]
    quantity: Annotated[
        int, Range(1, MAX_QUANTITY), Description("The number of pieces; 1 for unique products.")
    ] = 1


@frozen(kw_only=True)
class BuyResult(Result):
    """`amount` is the total price in gold. `reason_code` is set if the purchase failed."""

    status: Annotated[PurchaseStatus, Description("The status of the purchase.")]
    product_id: Annotated[str, Description("The id of the product.")]
    quantity: Annotated[int, Description("The number of pieces.")]
    amount: Annotated[int, Description("The total price, in gold.")]
    balance: Annotated[int, Description("The balance after it, in gold.")]
    receipt_code: Annotated[
        str | None, Description("Proof of the purchase; null if it failed.")
    ] = None
    reason_code: Annotated[
        str | None, Description("The code of the reason why it failed; null if it did not.")
    ] = None


@frozen
class BuyProduct:
    """Pay gold for a product.

    - Products on sale can be bought; a unique product once per player, one piece at a time.
    - A purchase fails if the balance does not cover the price or if a unique product is owned
      already. Nothing is paid, and all devices receive the reason in `purchase_update`.
    - The gold spent counts towards the tier.
    - A repeated request (same Idempotency-Key) buys nothing; devices receive a
      `purchase_update` that is marked as `repeated`.
    """

    _transactions: PlayerTransactions
    _ids: Ids

    async def execute(self, actor: Actor, command: BuyCommand) -> BuyResult:
        """Buy, or return a failed result. NotFound (`unknown_product`) or InvalidInput."""
        product = find_product(command.product_id)
        price = total_price(product, command.quantity)
        return await self._transactions.run(
            actor,
            command,
            lambda tx: self._buy(tx, product, command.quantity, price),
            BuyResult,
            reason="purchase",
            on_repeat=_announce_reuse,
        )

    def _buy(self, tx: PlayerTransaction, product: Product, quantity: int, price: int) -> BuyResult:
        result = BuyResult(
            status=PurchaseStatus.SUCCESS,
            product_id=product.product_id,
            quantity=quantity,
            amount=price,
            balance=tx.player.gold,
        )
        if reason_code := _failure_reason(tx, product, price):
            result = evolve(
                result, success=False, status=PurchaseStatus.FAILED, reason_code=reason_code
            )
            _announce(tx, result)
            return result
        receipt_code = self._ids.secret()
        tx.charge(price, LedgerReason.PURCHASE)
        tx.player = evolve(tx.player, total_spent=tx.player.total_spent + price)
        receipt = Receipt(
            receipt_code=receipt_code,
            product_id=product.product_id,
            quantity=quantity,
            amount=price,
            bought_at=tx.now,
        )
        tx.stores.receipts.add(tx.player.user_id, receipt)
        act(tx, "buy", product_id=product.product_id, quantity=quantity)
        result = evolve(result, receipt_code=receipt_code)
        _announce(tx, result)
        if product.unique:
            tx.grant("item", "shop", item_id=product.product_id)
        if product.exp:
            tx.gain_exp(product.exp * quantity)
        return evolve(result, balance=tx.player.gold)


def _failure_reason(tx: PlayerTransaction, product: Product, price: int) -> str | None:
    if product.unique and tx.stores.receipts.owns(tx.player.user_id, product.product_id):
        return "already_owned"
    return "insufficient_gold" if price > tx.player.gold else None


def _announce(tx: PlayerTransaction, result: BuyResult, *, repeated: bool = False) -> None:
    tx.emit(
        PurchaseUpdate(
            status=result.status,
            repeated=repeated,
            product_id=result.product_id,
            quantity=result.quantity,
            price=result.amount,
            receipt_code=result.receipt_code,
            reason_code=result.reason_code,
        )
    )


def _announce_reuse(tx: PlayerTransaction, first: BuyResult) -> None:
    if first.status is PurchaseStatus.SUCCESS:
        _announce(tx, first, repeated=True)
