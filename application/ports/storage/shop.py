"""The ReceiptStore port."""

from abc import ABC, abstractmethod

from domain.shop import Receipt


class ReceiptStore(ABC):
    """Receipts of purchases by user."""

    @abstractmethod
    def add(self, user_id: int, receipt: Receipt) -> None:
        """Insert a receipt; callers hold the player lock."""

    @abstractmethod
    def latest(self, user_id: int, limit: int) -> list[Receipt]:
        """The latest `limit` receipts, newest first: in the reverse order of `add`."""

    @abstractmethod
    def owns(self, user_id: int, product_id: str) -> bool:
        """Whether the user has bought this product before."""

    @abstractmethod
    def owned(self, user_id: int) -> set[str]:
        """The ids of all products that the user has bought."""
