"""Who is connected to this node, counted over all devices of a user."""

from collections import Counter


class Presence:
    """A user joins with the first device and leaves when the last one has been gone for the
    grace time, so that a reload of a page does not show. Times are monotonic seconds."""

    def __init__(self, grace_s: float) -> None:
        self._grace_s = grace_s
        self._devices: Counter[int] = Counter()
        self._leaving: dict[int, float] = {}

    def connect(self, user_id: int) -> bool:
        """One more device; whether the user joins with it."""
        known = user_id in self._devices or self._leaving.pop(user_id, None) is not None
        self._devices[user_id] += 1
        return not known

    def disconnect(self, user_id: int, now: float) -> None:
        """One device less."""
        self._devices[user_id] -= 1
        if not self._devices[user_id]:
            del self._devices[user_id]
            self._leaving[user_id] = now + self._grace_s

    def departed(self, now: float) -> list[int]:
        """The users whose grace has ended since the last call."""
        gone = []
        for user_id, deadline in self._leaving.items():
            if deadline > now:
                break  # insertion order is the order of deadlines
            gone.append(user_id)
        for user_id in gone:
            del self._leaving[user_id]
        return gone

    def holds(self, user_id: int) -> bool:
        """Whether the user has joined and not left."""
        return user_id in self._devices or user_id in self._leaving

    def users(self) -> list[int]:
        """Everybody who has joined and not left, in order of id."""
        return sorted({*self._devices, *self._leaving})

    def connections(self) -> int:
        """Devices of all users together."""
        return self._devices.total()
