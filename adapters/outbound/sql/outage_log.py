"""Logs a database outage once at its start and once at its end, not per failed transaction."""

import logging

from application.ports.storage.unit_of_work import StorageUnavailable

logger = logging.getLogger("synchub.sql")


class OutageLog:
    """One per unit of work, which reports the outcome of each transaction."""

    def __init__(self) -> None:
        self._away = False

    def succeeded(self) -> None:
        """Report that the database executed a transaction; logs the end of an outage."""
        if self._away:
            self._away = False
            logger.warning("the database is back")

    def failed(self, error: Exception) -> None:
        """Report a failed transaction. StorageUnavailable means an outage; other errors do not."""
        if isinstance(error, StorageUnavailable) and not self._away:
            self._away = True
            logger.warning("the database is away", extra={"why": str(error)})
