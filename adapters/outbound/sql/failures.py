"""Which database errors may pass, and which are faults of ours."""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from application.ports.unit_of_work import StorageUnavailable

_PASSING_CLASSES = ("08", "53", "57", "58", "40")
"""SQLSTATE classes: connection, resources, operator intervention, system, rollback."""


def translated(error: DBAPIError) -> Exception:
    """StorageUnavailable if trying again later may help, else the error itself."""
    passing = (
        isinstance(error, OperationalError | InterfaceError)
        or error.connection_invalidated
        or (sqlstate(error) or "")[:2] in _PASSING_CLASSES
    )
    return StorageUnavailable(str(error.orig)) if passing else error


def sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)
