"""Plugins of the application that add to its document."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any


class CompletesSchemas(ABC):
    """A Litestar plugin that knows more about requests and answers than their classes say."""

    @abstractmethod
    def complete_schemas(self, schemas: dict[str, Any]) -> None:
        """Add to the schemas of components, which are called by the name of the class."""

    @abstractmethod
    def examples(self) -> Sequence[object]:
        """One of each class of the plugin's own calls."""
