"""Game events in the flat legacy format, for `/api/games/ws` and the monitors."""

from attrs import frozen


@frozen
class LegacyGameEvent:
    """An encoded frame, with its user, its `seq` in the journal of that user, and its game type."""

    user_id: int
    seq: int
    game_type: str
    frame: bytes

    @property
    def key(self) -> tuple[int, int]:
        """Unique among all events; used to deduplicate."""
        return self.user_id, self.seq
