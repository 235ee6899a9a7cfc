"""Purchases."""

from abc import ABC, abstractmethod
from datetime import datetime

from domain.shop import Receipt


class ReceiptStore(ABC):
    @abstractmethod
    def add(self, user_id: int, receipt: Receipt, at: datetime) -> None: ...

    @abstractmethod
    def owns(self, user_id: int, product_id: str) -> bool:
        """Whether the user has bought this product before."""

    @abstractmethod
    def owned(self, user_id: int) -> set[str]:
        """Ids of all products the user has bought."""
