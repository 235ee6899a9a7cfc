"""A game event in the flat legacy format."""

from attrs import frozen


@frozen
class LegacyGameEvent:
    """One finished frame, with its user, its number in that user's journal, and its game."""

    user_id: int
    seq: int
    game_type: str
    frame: bytes

    @property
    def key(self) -> tuple[int, int]:
        """What no other event has."""
        return self.user_id, self.seq
