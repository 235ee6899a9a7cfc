"""Counters that a test can read."""

from collections import Counter

from application.ports.telemetry import Counted, Telemetry


class RecordingTelemetry(Telemetry):
    """`counts` by what is counted and the reason."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[Counted, str]] = Counter()

    def count(self, what: Counted, reason: str, amount: int = 1) -> None:
        self.counts[what, str(reason)] += amount

    def total(self, what: Counted) -> int:
        """Over all reasons."""
        return sum(count for (counted, _), count in self.counts.items() if counted is what)
