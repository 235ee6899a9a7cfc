"""Resume positions, as clients send them in `since`: `<epoch>:<seq>`.

The epoch identifies the history of the journal: after a restored backup, the same `seq` may belong
to another event, so a position is valid within its epoch only.
"""

import re
from typing import Self

from attrs import frozen

_POSITION = re.compile(r"([0-9A-Za-z_-]{1,64}):([0-9]{1,18})")


@frozen
class Position:
    """The last `seq` that a client has seen, in the journal with this epoch."""

    epoch: str
    seq: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a position. Malformed text becomes a position of an unknown epoch, so the client
        gets a fresh start instead of an error."""
        match = _POSITION.fullmatch(text)
        return cls(match[1], int(match[2])) if match else cls("", 0)

    def __str__(self) -> str:
        return f"{self.epoch}:{self.seq}"
