"""What a connection wants to be read for it."""

from abc import ABC, abstractmethod
from typing import Any

from application.ports.storage.stores import Stores


class ReadRequest(ABC):
    """A value that comes out of a connection. Its driver runs `read` in a read-only transaction and
    hands the result to `answer` of the same connection."""

    @abstractmethod
    def read(self, stores: Stores) -> Any:
        """Called on a thread or a greenlet; DomainError if the request is refused."""
