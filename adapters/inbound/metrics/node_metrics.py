"""Prometheus metrics of one node: connections, broker, membership."""

from collections import Counter as Tally
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from application.frames.accepted_events import AcceptedEvents
from application.hub.hub import Hub
from application.ports.passwords import Passwords
from domain.broadcaster import Broadcaster


class NodeMetrics(Collector):
    """The metrics of one node. Gauges are read from the hub at the scrape; the counters of
    `application.ports.telemetry` are in the same registry."""

    def __init__(
        self,
        registry: CollectorRegistry,
        hub: Hub,
        broadcaster: Broadcaster,
        passwords: Passwords,
    ) -> None:
        self.registry = registry
        self._hub = hub
        self._broadcaster = broadcaster
        self._passwords = passwords
        self.handshakes = Counter(
            "synchub_websocket_handshakes",
            "WebSocket connections by endpoint and result.",
            ["endpoint", "result"],
            registry=registry,
        )
        self._query_tokens = Counter(
            "synchub_query_tokens",
            "Tokens in the query of a realtime connection, by endpoint and kind of client.",
            ["endpoint", "client"],
            registry=registry,
        )
        self._ending_events = Counter(
            "synchub_ending_events",
            "Sessions and polls that get a version of an event whose end is set, by kind of"
            " client.",
            ["event", "client"],
            registry=registry,
        )
        registry.register(self)

    def count_query_token(self, endpoint: str, client: str) -> None:
        """Count a token in a query, accepted or not: who still needs `?token=`?"""
        self._query_tokens.labels(endpoint, client).inc()

    def count_ending_events(self, accepted: AcceptedEvents, client: str) -> None:
        """Count the versions whose end is set: who still needs them?"""
        for event in accepted.ending():
            self._ending_events.labels(f"{event.type}.{event.version}", client).inc()

    def exposition(self) -> bytes:
        """All metrics in the Prometheus text format."""
        return generate_latest(self.registry)

    def collect(self) -> Iterable[Metric]:
        """The gauges: open connections, broker state, number of nodes, waiting sign-ins."""
        family = GaugeMetricFamily(
            "synchub_connections", "Open connections by kind and mode.", labels=["kind", "mode"]
        )
        tally = Tally(
            (connection.kind, connection.mode.name.lower())
            for connection in self._hub.connections()
        )
        for labels, count in tally.items():
            family.add_metric(labels, count)
        yield family
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
        yield GaugeMetricFamily(
            "synchub_waiting_passwords",
            "Passwords that wait to be hashed.",
            value=self._passwords.waiting(),
        )
