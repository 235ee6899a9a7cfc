"""The CommonPasswords port: what an attacker would try first."""

from abc import ABC, abstractmethod


class CommonPasswords(ABC):
    """A list of passwords that many people use, with 8 characters or more."""

    @abstractmethod
    def contain(self, password: str) -> bool:
        """Whether the list has this password, which is casefolded. Never blocks for long."""
