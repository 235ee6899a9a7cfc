"""Tells operators once when the database is lost, and once when it is back."""

import logging

from application.ports.storage.unit_of_work import StorageUnavailable

logger = logging.getLogger("synchub.sql")


class OutageLog:
    """One per unit of work; told about the outcome of each transaction."""

    def __init__(self) -> None:
        self._away = False

    def succeeded(self) -> None:
        """A transaction was answered by the database."""
        if self._away:
            self._away = False
            logger.warning("the database is back")

    def failed(self, error: Exception) -> None:
        """A transaction failed; only StorageUnavailable means an outage."""
        if isinstance(error, StorageUnavailable) and not self._away:
            self._away = True
            logger.warning("the database is away", extra={"why": str(error)})
