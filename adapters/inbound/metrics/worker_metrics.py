"""Metrics when several processes serve one port: a scrape reaches any of them, and gets all.

Each worker keeps a file with its own metrics up to date; whoever is asked reads the others' files.
"""

from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from adapters.inbound.metrics.node_metrics import NodeMetrics
from application.hub.hub import Hub
from domain.broadcaster import Broadcaster


class WorkerMetrics(NodeMetrics):
    """One worker's metrics, and through the files in `folder` those of the others."""

    def __init__(
        self,
        registry: CollectorRegistry,
        hub: Hub,
        broadcaster: Broadcaster,
        folder: Path,
        number: int,
    ) -> None:
        super().__init__(registry, hub, broadcaster)
        self._folder = folder
        self._number = number

    def share(self) -> None:
        """Let the others see the present values; call it about once a second."""
        unfinished = self._folder / f"{self._number}.unfinished"
        unfinished.write_bytes(super().exposition())
        unfinished.replace(self._folder / f"{self._number}.prom")

    def exposition(self) -> bytes:
        """Of all workers, with a label `worker`."""
        self.share()
        together = CollectorRegistry()
        together.register(_Files(self._folder))
        return generate_latest(together)


class _Files(Collector):
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for path in sorted(self._folder.glob("*.prom")):
            for family in text_string_to_metric_families(path.read_text("utf-8")):
                known = families.setdefault(
                    family.name, Metric(family.name, family.documentation, family.type)
                )
                for sample in family.samples:
                    labels = {**sample.labels, "worker": path.stem}
                    known.add_sample(sample.name, labels, sample.value)
        return families.values()
