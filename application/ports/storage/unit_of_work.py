"""The UnitOfWork port: database transactions."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeVar

from application.ports.storage.stores import Stores

T = TypeVar("T")
Work = Callable[[Stores], T]


class UnitOfWork(ABC):
    """Runs a function (the work) in one database transaction.

    Work is synchronous and must have no side effects except through the given stores, because an
    adapter may run it on a thread, commit it together with other work (group commit), or run it
    again after a conflict. When `write` returns, the work is committed durably. If work raises, its
    transaction is rolled back. StorageUnavailable means that the database could not be used; if
    only the answer to COMMIT was lost, the work may have been committed.
    """

    @abstractmethod
    async def write(self, work: Work[T]) -> T:
        """Run work that reads and writes, isolated from others on all rows that it locks."""

    @abstractmethod
    async def read(self, work: Work[T]) -> T:
        """Run work that only reads, from one consistent snapshot."""


class StorageUnavailable(Exception):
    """The database is unreachable or too slow; a retry later may succeed."""
