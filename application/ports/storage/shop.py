"""The ReceiptStore port."""

from abc import ABC, abstractmethod
from datetime import datetime

from domain.shop import Receipt


class ReceiptStore(ABC):
    """Receipts of purchases by user."""

    @abstractmethod
    def add(self, user_id: int, receipt: Receipt, at: datetime) -> None:
        """Insert a receipt, with the time `at`."""

    @abstractmethod
    def owns(self, user_id: int, product_id: str) -> bool:
        """Whether the user has bought this product before."""

    @abstractmethod
    def owned(self, user_id: int) -> set[str]:
        """The ids of all products that the user has bought."""
