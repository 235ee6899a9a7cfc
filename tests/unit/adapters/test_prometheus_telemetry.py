"""Counters reach the registry that is scraped."""

from prometheus_client import CollectorRegistry

from adapters.outbound.telemetry.prometheus_telemetry import PrometheusTelemetry
from application.ports.telemetry import Counted


def test_counts_by_reason() -> None:
    """Each reason is a label; amounts add up."""
    registry = CollectorRegistry()
    telemetry = PrometheusTelemetry(registry)
    telemetry.count(Counted.REPAIRS, "session")
    telemetry.count(Counted.REPAIRS, "session", 2)
    telemetry.count(Counted.CLOSES, "heartbeat")

    def value(what: Counted, reason: str) -> float | None:
        return registry.get_sample_value(f"synchub_{what}_total", {"reason": reason})

    assert value(Counted.REPAIRS, "session") == 3
    assert value(Counted.CLOSES, "heartbeat") == 1
    assert value(Counted.CLOSES, "session") is None
