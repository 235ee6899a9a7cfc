"""Metrics of several worker processes on one port.

A scrape reaches any of the workers. Every worker writes its metrics to a file about once a second;
the worker that is scraped reads the files of all workers and adds a label `worker`.
"""

from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from adapters.inbound.metrics.node_metrics import NodeMetrics
from application.hub.hub import Hub
from application.ports.passwords import Passwords
from domain.broadcaster import Broadcaster


class WorkerMetrics(NodeMetrics):
    """The metrics of this worker, and those of the others from their files in `folder`."""

    def __init__(
        self,
        registry: CollectorRegistry,
        hub: Hub,
        broadcaster: Broadcaster,
        passwords: Passwords,
        folder: Path,
        number: int,
    ) -> None:
        super().__init__(registry, hub, broadcaster, passwords)
        self._folder = folder
        self._number = number

    def share(self) -> None:
        """Write the current values to the file of this worker, atomically. A periodic job calls
        it."""
        temporary = self._folder / f"{self._number}.unfinished"
        temporary.write_bytes(super().exposition())
        temporary.replace(self._folder / f"{self._number}.prom")

    def exposition(self) -> bytes:
        """The metrics of all workers, with a label `worker`."""
        self.share()
        registry = CollectorRegistry()
        registry.register(_WorkerFiles(self._folder))
        return generate_latest(registry)


class _WorkerFiles(Collector):
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for path in sorted(self._folder.glob("*.prom")):
            for family in text_string_to_metric_families(path.read_text("utf-8")):
                merged = families.setdefault(
                    family.name, Metric(family.name, family.documentation, family.type)
                )
                for sample in family.samples:
                    labels = {**sample.labels, "worker": path.stem}
                    merged.add_sample(sample.name, labels, sample.value)
        return families.values()
