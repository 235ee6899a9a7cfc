"""The Telemetry port: counters and durations for operators."""

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
    REFUSED_TOKENS = "refused_tokens", "Access tokens that were refused."
    REFUSED_REFRESHES = "refused_refreshes", "Refresh tokens that were refused."
    KEY_FETCHES = "key_fetches", "Fetches of the external issuer's keys, by outcome."
    REFUSED_TICKETS = "refused_tickets", "Tickets for realtime connections that were refused."
    RENEWALS = "renewals", "Tokens sent over open connections to stay connected, by result."
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
    REFUSED_OPERATOR_CALLS = (
        "refused_operator_calls",
        "Attempts at operators' calls without the right to them.",
    )
    AUDIT_FAULTS = "audit_faults", "Signs that the audit log was tampered with."
    SKIPPED_NOTICES = "skipped_notices", "Notices that a connection was not shown."
    REFUSED_HASHES = (
        "refused_hashes",
        "Passwords that were not hashed: too much to do, or no client.",
    )
    REFUSED_SIGN_INS = "refused_sign_ins", "Sign-ins that were refused."


class Measured(StrEnum):
    """The durations, as the name of the metric."""

    PASSWORD_HASH_SECONDS = "password_hash_seconds"  # noqa: S105 (not a password)


class Telemetry(ABC):
    """Counts what is dropped, refused, repaired or closed, and measures what takes long. Never
    blocks and never raises; threads may call it."""

    @abstractmethod
    def count(self, what: Counted, reason: str, amount: int = 1) -> None:
        """Add `amount` to a counter. `reason` is one of a few fixed terms, never user input."""

    @abstractmethod
    def observe(self, what: Measured, seconds: float) -> None:
        """Add a duration to a distribution."""
