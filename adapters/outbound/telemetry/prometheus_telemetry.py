"""Counters as Prometheus metrics: `synchub_<name>_total{reason="…"}`."""

from prometheus_client import CollectorRegistry, Counter

from application.ports.telemetry import Counted, Telemetry


class PrometheusTelemetry(Telemetry):
    """Caches the child of each reason, because `labels` costs more than `inc`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._families = {
            what: Counter(f"synchub_{what.value}", what.text, ["reason"], registry=registry)
            for what in Counted
        }
        self._counters: dict[tuple[Counted, str], Counter] = {}

    def count(self, what: Counted, reason: str, amount: int = 1) -> None:
        counter = self._counters.get((what, reason))
        if counter is None:
            counter = self._counters[what, reason] = self._families[what].labels(str(reason))
        counter.inc(amount)
