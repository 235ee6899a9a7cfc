"""ReceiptStore on SQL."""

from datetime import datetime

from attrs import asdict, frozen
from sqlalchemy import bindparam, exists, insert, select

from adapters.outbound.sql.connections import SqlConnection
from adapters.outbound.sql.stores.times import to_ms
from adapters.outbound.sql.tables import receipts
from application.ports.storage.shop import ReceiptStore
from domain.shop import Receipt

_insert = insert(receipts)
_bought = select(receipts.c.product_id).where(receipts.c.user_id == bindparam("this_user"))
_products = _bought.distinct()
_owns = select(exists(_bought.where(receipts.c.product_id == bindparam("this_product"))))


@frozen
class SqlReceiptStore(ReceiptStore):
    """Receipts, in the table `receipts`."""

    _connection: SqlConnection

    def add(self, user_id: int, receipt: Receipt, at: datetime) -> None:
        row = {**asdict(receipt), "user_id": user_id, "created_at": to_ms(at)}
        self._connection.execute(_insert, row)

    def owns(self, user_id: int, product_id: str) -> bool:
        key = {"this_user": user_id, "this_product": product_id}
        return bool(self._connection.execute(_owns, key).scalar_one())

    def owned(self, user_id: int) -> set[str]:
        return set(self._connection.execute(_products, {"this_user": user_id}).scalars())
