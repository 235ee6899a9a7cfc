"""The Telemetry port: counters for operators."""

from abc import ABC, abstractmethod
from enum import StrEnum


class Counted(StrEnum):
    """The counters, each labelled by reason. The value is the name of the metric, `text` its help
    text."""

    text: str

    def __new__(cls, value: str, text: str) -> "Counted":
        """Make the first item the value of the member, and the second its `text`."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.text = text
        return member

    CLOSES = "closes", "Connections that this node closed."
    MODE_CHANGES = "mode_changes", "Sessions and monitors that changed their mode."
    REFUSED_HANDSHAKES = (
        "refused_handshakes",
        "Connections that were refused before a socket was accepted.",
    )
    REFUSED_REQUESTS = (
        "refused_requests",
        "HTTP requests that were refused or cut off before the application had them.",
    )
    LIMITED = "limited", "What was more than a limit allows, by the name of the limit."
    LIMITER_FAILURES = (
        "limiter_failures",
        "Failures of the storage that shares the counts of limits between nodes.",
    )
    DROPPED_PUBLISHES = "dropped_publishes", "Messages that were dropped before a broker had them."
    DROPPED_MESSAGES = "dropped_messages", "Messages from other nodes that could not be used."
    REPAIRS = "repairs", "Events that the journal poll found and the broker had not delivered."
    SKIPPED_NOTICES = "skipped_notices", "Notices that a connection was not shown."


class Telemetry(ABC):
    """Counts what is dropped, refused, repaired or closed. Never blocks and never raises."""

    @abstractmethod
    def count(self, what: Counted, reason: str, amount: int = 1) -> None:
        """Add `amount` to a counter. `reason` is one of a few fixed terms, never user input."""
