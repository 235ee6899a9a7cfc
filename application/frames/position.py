"""Positions in a journal as clients hold them: `<epoch>:<seq>`."""

import re
from typing import Self

from attrs import frozen

_POSITION = re.compile(r"([0-9A-Za-z_-]{1,64}):([0-9]{1,18})")


@frozen
class Position:
    epoch: str
    seq: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """What is no position is taken for one in a journal that nobody knows."""
        match = _POSITION.fullmatch(text)
        return cls(match[1], int(match[2])) if match else cls("", 0)

    def __str__(self) -> str:
        return f"{self.epoch}:{self.seq}"
