"""Which of the drivers' errors may pass, and which are faults of ours."""

import sqlite3

from asyncpg import (
    DataError,
    InterfaceError,
    InternalClientError,
    PostgresError,
    UniqueViolationError,
)

from application.ports.storage.unit_of_work import StorageUnavailable

DriverError = (sqlite3.Error, PostgresError, InterfaceError, InternalClientError, OSError)
"""What a driver raises; OSError, which a TimeoutError is too, where there is a network."""

Taken = (sqlite3.IntegrityError, UniqueViolationError)
"""A row with this key is there already."""

_PASSING_CLASSES = ("08", "53", "57", "58", "40")
"""SQLSTATE classes: connection, resources, operator intervention, system, rollback."""


def translated(error: Exception) -> Exception:
    """StorageUnavailable if trying again later may help, else the error itself."""
    return StorageUnavailable(str(error) or type(error).__name__) if _passes(error) else error


def _passes(error: Exception) -> bool:
    if isinstance(error, PostgresError):
        return (error.sqlstate or "")[:2] in _PASSING_CLASSES
    if isinstance(error, InterfaceError):  # such as "connection is closed"
        return not isinstance(error, DataError)
    if isinstance(error, InternalClientError):  # asyncpg's, when a server stops in mid-statement
        return True
    return isinstance(error, OSError | sqlite3.OperationalError | sqlite3.InterfaceError)
