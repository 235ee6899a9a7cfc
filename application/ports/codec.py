"""Events, control frames and results as bytes."""

from abc import ABC, abstractmethod
from typing import TypeVar

from application.frames.control_frames import ControlFrame
from application.frames.legacy_game_event import LegacyGameEvent
from application.ports.storage.journal import JournalEntry
from domain.events import RecordedEvent

R = TypeVar("R")


class Codec(ABC):
    """Everything encoded is one line of UTF-8 JSON, without a line break in it."""

    @abstractmethod
    def event(self, recorded: RecordedEvent) -> bytes:
        """The standard envelope."""

    @abstractmethod
    def legacy(self, entry: JournalEntry) -> LegacyGameEvent | None:
        """The entry in the legacy format, or None if it is no game event."""

    def legacy_game(self, entry: JournalEntry) -> LegacyGameEvent:
        """A journaled game event in the legacy format."""
        game = self.legacy(entry)
        assert game is not None, "only game events are asked for"
        return game

    @abstractmethod
    def control(self, frame: ControlFrame) -> bytes:
        """A control frame."""

    @abstractmethod
    def embed(self, encoded: bytes) -> object:
        """Something already encoded, to be put as it is into a field of a control frame."""

    @abstractmethod
    def client_message(self, text: str | bytes) -> str | None:
        """The type of what a client sent, `ping` as bare text included; None if it has none."""

    @abstractmethod
    def dump(self, result: object) -> bytes:
        """An attrs instance, to be stored and read again by `load`."""

    @abstractmethod
    def load(self, data: bytes, result_type: type[R]) -> R:
        """The reverse of `dump`."""
