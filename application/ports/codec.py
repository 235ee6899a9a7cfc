"""The Codec port: encodes events, control frames and results."""

from abc import ABC, abstractmethod
from typing import TypeVar

from application.frames.client_messages import ClientMessage
from application.frames.control_frames import ControlFrame
from application.frames.legacy_game_event import LegacyGameEvent
from application.ports.storage.journal import JournalEntry
from domain.events import RecordedEvent

R = TypeVar("R")


class Codec(ABC):
    """Every encoded value is one line of UTF-8 JSON without line breaks."""

    @abstractmethod
    def event(self, recorded: RecordedEvent) -> bytes:
        """Encode an event in the standard envelope."""

    @abstractmethod
    def envelope(self, entry: JournalEntry, version: int) -> bytes:
        """The envelope of an entry in this version of its type: as it was journaled, if that is the
        version or if the journaled one is not known."""

    @abstractmethod
    def recorded(self, entry: JournalEntry) -> RecordedEvent:
        """The event of the entry, in the newest version; decoded if it has to be."""

    @abstractmethod
    def legacy(self, entry: JournalEntry) -> LegacyGameEvent | None:
        """Encode the entry in the legacy format; None if it is not a game event."""

    def legacy_game(self, entry: JournalEntry) -> LegacyGameEvent:
        """Encode a journaled game event in the legacy format."""
        game = self.legacy(entry)
        assert game is not None, "callers pass game events only"
        return game

    @abstractmethod
    def control(self, frame: ControlFrame) -> bytes:
        """Encode a control frame."""

    @abstractmethod
    def embed(self, encoded: bytes) -> object:
        """Wrap encoded JSON, so that it can be a field of a control frame without being decoded."""

    @abstractmethod
    def client_message(self, text: str | bytes) -> ClientMessage | None:
        """Decode a client message; a bare `ping` is accepted. None if it is of no known type. A
        token that is missing or no text is empty."""

    @abstractmethod
    def dump(self, result: object) -> bytes:
        """Encode an attrs instance for storage; `load` decodes it."""

    @abstractmethod
    def load(self, data: bytes, result_type: type[R]) -> R:
        """Decode an instance of `result_type` that `dump` encoded."""
