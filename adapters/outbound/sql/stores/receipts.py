"""ReceiptStore on SQL."""

from typing import Any

from attrs import frozen
from sqlalchemy import bindparam, exists, func, insert, select

from adapters.outbound.sql.connections import SqlConnection
from adapters.outbound.sql.stores.times import from_ms, to_ms
from adapters.outbound.sql.tables import receipts
from application.ports.storage.shop import ReceiptStore
from domain.shop import Receipt

_of_user = receipts.c.user_id == bindparam("this_user")
_last_number = select(func.coalesce(func.max(receipts.c.number), 0)).where(_of_user)
_insert = insert(receipts).values(
    {column.name: bindparam(column.name) for column in receipts.c if column.name != "number"}
    | {"number": _last_number.scalar_subquery() + 1}
)
_bought = select(receipts.c.product_id).where(_of_user)
_products = _bought.distinct()
_owns = select(exists(_bought.where(receipts.c.product_id == bindparam("this_product"))))
_latest = (
    select(receipts).where(_of_user).order_by(receipts.c.number.desc()).limit(bindparam("limit"))
)


@frozen
class SqlReceiptStore(ReceiptStore):
    """Receipts, in the table `receipts`."""

    _connection: SqlConnection

    def add(self, user_id: int, receipt: Receipt) -> None:
        row = {
            "receipt_code": receipt.receipt_code,
            "user_id": user_id,
            "this_user": user_id,
            "product_id": receipt.product_id,
            "quantity": receipt.quantity,
            "amount": receipt.amount,
            "created_at": to_ms(receipt.bought_at),
        }
        self._connection.execute(_insert, row)

    def latest(self, user_id: int, limit: int) -> list[Receipt]:
        rows = self._connection.execute(_latest, {"this_user": user_id, "limit": limit})
        return [_receipt(row) for row in rows]

    def owns(self, user_id: int, product_id: str) -> bool:
        key = {"this_user": user_id, "this_product": product_id}
        return bool(self._connection.execute(_owns, key).scalar_one())

    def owned(self, user_id: int) -> set[str]:
        return set(self._connection.execute(_products, {"this_user": user_id}).scalars())


def _receipt(row: Any) -> Receipt:
    return Receipt(
        receipt_code=row.receipt_code,
        product_id=row.product_id,
        quantity=row.quantity,
        amount=row.amount,
        bought_at=from_ms(row.created_at),
    )
