"""Transactions."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeVar

from application.ports.storage.stores import Stores

T = TypeVar("T")
Work = Callable[[Stores], T]


class UnitOfWork(ABC):
    """Runs a piece of work in one database transaction.

    Work is a plain function: it may only use the stores it is given, so that an adapter is free
    to run it on a thread, to group it with others into one commit, or to run it again after a
    conflict. Whatever it returned has been committed durably when `write` returns; if it raises,
    nothing of it has happened. StorageUnavailable says that the database could not be used; the
    work may then have been committed if only the answer was lost.
    """

    @abstractmethod
    async def write(self, work: Work[T]) -> T:
        """Read and change, isolated from others on every row that was locked."""

    @abstractmethod
    async def read(self, work: Work[T]) -> T:
        """Only read, all of it from one consistent snapshot."""


class StorageUnavailable(Exception):
    """The database is away or too slow; trying again later may help."""
