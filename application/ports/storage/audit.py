"""The AuditStore port."""

from abc import ABC, abstractmethod

from domain.audit import AuditEntry, AuditHead


class AuditStore(ABC):
    """The entries of the audit log, numbered from 1 without a gap, and its head. Entries are only
    ever added: the database refuses to change or remove one."""

    @abstractmethod
    def lock_head(self) -> AuditHead:
        """The head, locked until this transaction ends: entries of several nodes form one chain.
        Take this lock last, since every operator's call waits for it."""

    @abstractmethod
    def append(self, entry: AuditEntry) -> None:
        """Write the entry that follows the locked head, and move the head to it."""

    @abstractmethod
    def head(self) -> AuditHead | None:
        """The head without a lock; None if somebody removed it, or added another one."""

    @abstractmethod
    def page(self, after: int, limit: int) -> list[AuditEntry]:
        """Up to `limit` entries with a number above `after`, in order."""
