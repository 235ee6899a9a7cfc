"""The product, with an event pump in the same process.

    python -m benchmarks.peers.programs.hub CONTROL_PORT GROUPS TOKENS_FILE

The node is the container, the application and the server of the product, with its own settings.
Each group is a new player, whose access token is one line of the tokens file. Apart from the pump,
the only difference from production is that passwords are not hashed. The pump publishes event
ranges to the container's broadcaster, as the event publisher does after a commit. Its events are
not in the journal; they continue the sequence of the player as a new commit would.
"""

import socket
import sys
from pathlib import Path

from attrs import define, field, frozen
from dependency_injector import providers

from application.cluster.event_range import EventRange
from application.frames.position import Position
from application.ports.passwords import Passwords
from application.ports.storage.journal import JournalEntry
from application.use_cases.accounts.sign_up import SignUpCommand
from benchmarks.event import TIME, envelope
from benchmarks.peers.programs.control import listen
from bootstrap.container import Container, build_container
from bootstrap.logs import configure_logs
from bootstrap.server.node_server import NodeServer
from bootstrap.settings.load import load_settings
from bootstrap.settings.settings import Settings
from domain.broadcaster import Broadcaster

_SAMPLE_SEQ = 111_111


@define
class EventSequence:
    """Events of a player, encoded once by the product; only sequence number and time differ."""

    user_id: int
    seq: int
    _parts: tuple[bytes, bytes, bytes] = field(init=False)

    def __attrs_post_init__(self) -> None:
        before, _, rest = envelope(self.user_id, _SAMPLE_SEQ).partition(b"%d" % _SAMPLE_SEQ)
        between, _, after = rest.partition(TIME)
        self._parts = before, between, after

    def next_entry(self, time: bytes) -> JournalEntry:
        """Journal entry with the next sequence number and this time."""
        self.seq += 1
        before, between, after = self._parts
        text = b"%b%d%b%b%b" % (before, self.seq, between, time, after)
        return JournalEntry(self.seq, "reward_granted", text)


@frozen
class EventPump:
    """Publishes events of players, one per message."""

    _broadcaster: Broadcaster
    _sequences: list[EventSequence]

    def publish(self, time: bytes, group: int, count: int) -> None:
        """Publish a burst to the player of a group."""
        sequence = self._sequences[group]
        for _ in range(count):
            entry = sequence.next_entry(time)
            self._broadcaster.publish(EventRange(sequence.user_id, [entry]))


class UnhashedPasswords(Passwords):
    """Replaces password hashing, which would slow down the creation of players."""

    async def hash(self, password: str, address: str = "") -> str:
        """Return a constant."""
        return "none"

    async def verify(self, password: str, password_hash: str | None, address: str = "") -> bool:
        """Reject every password."""
        return False

    def is_outdated(self, password_hash: str) -> bool:
        """Never."""
        return False

    def waiting(self) -> int:
        """Nobody waits."""
        return 0


class BenchNode(NodeServer):
    """A node with one player per group and an event pump."""

    def __init__(
        self, settings: Settings, container: Container, control: int, groups: int, tokens: Path
    ) -> None:
        super().__init__(settings, container)
        self._container = container
        self._control = control
        self._groups = groups
        self._tokens = tokens

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the node, sign the players up and accept control connections."""
        await super().startup(sockets)
        sequences, tokens = [], []
        for group in range(self._groups):
            command = SignUpCommand(
                site_id=f"group{group:06d}", nickname="bench", password="not-used"
            )
            signed_in = await self._container.sign_up().execute(command)
            user_id = signed_in.user.id
            caught_up = await self._container.catch_up().execute(
                user_id, None, self._container.standard_formats().default
            )
            sequences.append(EventSequence(user_id, Position.parse(caught_up.position).seq))
            tokens.append(signed_in.access_token)
        self._tokens.write_text("\n".join(tokens))
        pump = EventPump(self._container.broadcaster(), sequences)
        self._control_server = await listen(self._control, pump.publish)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the control port and stop the node."""
        self._control_server.close()
        await super().shutdown(sockets)


def main() -> None:
    """Run the node."""
    control, groups, tokens = sys.argv[1:]
    settings = load_settings()
    configure_logs(settings)
    container = build_container(settings)
    container.passwords.override(providers.Object(UnhashedPasswords()))
    BenchNode(settings, container, int(control), int(groups), Path(tokens)).run()


if __name__ == "__main__":
    main()
