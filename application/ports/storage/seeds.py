"""The RevealedSeedStore port."""

from abc import ABC, abstractmethod

from domain.fairness import RevealedSeed


class RevealedSeedStore(ABC):
    """Server seeds that were revealed by a rotation, by user and hash."""

    @abstractmethod
    def add(self, user_id: int, revealed: RevealedSeed) -> None:
        """Insert a seed."""

    @abstractmethod
    def find(self, user_id: int, server_seed_hash: str) -> RevealedSeed | None:
        """The user's seed with this hash, if it has been revealed."""
