"""Random numbers from the operating system."""

import secrets

from domain.randomness import Randomness


class SystemRandomness(Randomness):
    """The cryptographic generator of the OS, which players cannot predict."""

    def below(self, bound: int) -> int:
        return secrets.randbelow(bound)
