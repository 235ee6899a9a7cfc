"""Driver errors: which are transient, and which are bugs.

Transient errors become StorageUnavailable: the client may retry. Other errors are passed on
unchanged and end as an internal error in the log.
"""

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
"""All errors of the drivers. Network errors and timeouts are OSErrors (TimeoutError is one)."""

UniqueViolation = (sqlite3.IntegrityError, UniqueViolationError)
"""Violation of a unique constraint (on SQLite, of any constraint)."""

_TRANSIENT_CLASSES = ("08", "28", "3D", "53", "57", "58", "40")
"""SQLSTATE classes (PostgreSQL manual, appendix A): connection exception, refused authorization,
missing database, insufficient resources, operator intervention, system error, transaction rollback.
An operator can mend each of them while we run."""


def translated(error: Exception) -> Exception:
    """StorageUnavailable for transient errors, else the error itself."""
    if _is_transient(error):
        return StorageUnavailable(str(error) or type(error).__name__)
    return error


def _is_transient(error: Exception) -> bool:
    if isinstance(error, PostgresError):
        return (error.sqlstate or "")[:2] in _TRANSIENT_CLASSES
    if isinstance(error, InterfaceError):  # for example "connection is closed"
        return not isinstance(error, DataError)
    if isinstance(error, InternalClientError):  # the server stopped during a statement
        return True
    return isinstance(error, OSError | sqlite3.OperationalError | sqlite3.InterfaceError)
