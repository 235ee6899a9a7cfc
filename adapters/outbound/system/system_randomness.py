"""Random numbers of the operating system."""

import secrets

from domain.randomness import Randomness


class SystemRandomness(Randomness):
    """The operating system's cryptographic generator: no player can foretell it."""

    def below(self, bound: int) -> int:
        return secrets.randbelow(bound)
