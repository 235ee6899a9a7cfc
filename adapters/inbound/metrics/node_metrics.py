"""What operators count: Prometheus metrics of sockets and the hub."""

from collections import Counter as Tally
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from application.hub.hub import Hub
from domain.broadcaster import Broadcaster


class Metrics(Collector):
    """One node's metrics. What the hub knows anyway is read when it is asked for."""

    def __init__(self, registry: CollectorRegistry, hub: Hub, broadcaster: Broadcaster) -> None:
        self.registry = registry
        self._hub = hub
        self._broadcaster = broadcaster
        self.handshakes = Counter(
            "synchub_websocket_handshakes",
            "WebSocket connections by endpoint and result.",
            ["endpoint", "result"],
            registry=registry,
        )
        registry.register(self)

    def exposition(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(self.registry)

    def collect(self) -> Iterable[Metric]:
        """What the hub knows: open connections, repairs, announcements, the cluster."""
        family = GaugeMetricFamily(
            "synchub_connections", "Open connections by kind and mode.", labels=["kind", "mode"]
        )
        tally = Tally(
            (type(connection).__name__, connection.mode.name.lower())
            for connection in self._hub.connections()
        )
        for labels, count in tally.items():
            family.add_metric(labels, count)
        yield family
        repairs = CounterMetricFamily(
            "synchub_repairs", "What a look at the journal found and no broker had brought."
        )
        repairs.add_metric([], self._hub.repairs + self._hub.monitor_feed.repairs)
        yield repairs
        yield GaugeMetricFamily(
            "synchub_broadcaster_up",
            "Whether the broker carries messages.",
            value=self._broadcaster.failure() is None,
        )
        yield GaugeMetricFamily(
            "synchub_nodes",
            "Nodes that this one knows to be alive, itself included.",
            value=self._hub.membership.size(),
        )
        passed_over = CounterMetricFamily(
            "synchub_announcements_passed_over", "Connections too slow to be shown an announcement."
        )
        passed_over.add_metric([], self._hub.notices.passed_over)
        yield passed_over
