"""Purchases."""

from datetime import datetime

from attrs import asdict, frozen
from sqlalchemy import Connection, exists, insert, select

from adapters.outbound.sql.stores.times import to_ms
from adapters.outbound.sql.tables import receipts
from application.ports.stores.shop import ReceiptStore
from domain.shop import Receipt


@frozen
class SqlReceiptStore(ReceiptStore):
    _connection: Connection

    def add(self, user_id: int, receipt: Receipt, at: datetime) -> None:
        row = {**asdict(receipt), "user_id": user_id, "created_at": to_ms(at)}
        self._connection.execute(insert(receipts), row)

    def owns(self, user_id: int, product_id: str) -> bool:
        bought = exists().where(receipts.c.user_id == user_id, receipts.c.product_id == product_id)
        return bool(self._connection.execute(select(bought)).scalar_one())

    def owned(self, user_id: int) -> set[str]:
        bought = select(receipts.c.product_id).where(receipts.c.user_id == user_id).distinct()
        return set(self._connection.execute(bought).scalars())
