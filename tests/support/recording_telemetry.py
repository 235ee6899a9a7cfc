"""Counters that a test can read."""

from collections import Counter

from application.ports.telemetry import Counted, Measured, Telemetry


class RecordingTelemetry(Telemetry):
    """`counts` by what is counted and the reason."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[Counted, str]] = Counter()
        self.observed: Counter[Measured] = Counter()

    def count(self, what: Counted, reason: str, amount: int = 1) -> None:
        self.counts[what, str(reason)] += amount

    def observe(self, what: Measured, seconds: float) -> None:
        self.observed[what] += 1

    def total(self, what: Counted) -> int:
        """Over all reasons."""
        return sum(count for (counted, _), count in self.counts.items() if counted is what)
