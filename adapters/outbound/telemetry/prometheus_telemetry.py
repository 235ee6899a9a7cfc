"""Prometheus metrics: counters `synchub_<name>_total{reason="…"}`, and histograms."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from application.ports.telemetry import Counted, Measured, Telemetry


class PrometheusTelemetry(Telemetry):
    """Caches the child of each reason, because `labels` costs more than `inc`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._families = {
            what: Counter(f"synchub_{what.value}", what.text, ["reason"], registry=registry)
            for what in Counted
        }
        self._histograms = {
            Measured.PASSWORD_HASH_SECONDS: Histogram(
                f"synchub_{Measured.PASSWORD_HASH_SECONDS.value}",
                "Duration of a password hash on its thread, without waiting.",
                buckets=(0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2),
                registry=registry,
            )
        }
        self._counters: dict[tuple[Counted, str], Counter] = {}

    def count(self, what: Counted, reason: str, amount: int = 1) -> None:
        counter = self._counters.get((what, reason))
        if counter is None:
            counter = self._counters[what, reason] = self._families[what].labels(str(reason))
        counter.inc(amount)

    def observe(self, what: Measured, seconds: float) -> None:
        self._histograms[what].observe(seconds)
