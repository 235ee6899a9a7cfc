"""The product, and beside it a pump that publishes as a broker would bring it.

    python -m benchmarks.peers.programs.hub CONTROL_PORT GROUPS TOKENS_FILE

The node is the product's own container, application and server, configured by its own settings.
Each group is a new player, whose tokens go to the file, a line each; only that their passwords are
not hashed is not as in production. What is published never was in the journal: the events continue
its head, as those of a change that has just been committed.
"""

import socket
import sys
from pathlib import Path

from attrs import define, field, frozen
from dependency_injector import providers

from application.cluster.messages import pack_entries
from application.ports.passwords import Passwords
from application.ports.storage.journal import JournalEntry
from application.use_cases.accounts.sign_up import SignUpCommand
from benchmarks.event import TIME, envelope
from benchmarks.peers.programs.control import listen
from bootstrap.container import Container, build_container
from bootstrap.logs import configure_logs
from bootstrap.server import NodeServer
from bootstrap.settings import Settings, load_settings
from domain.broadcaster import Broadcaster

_SEQ = 111_111


@define
class Journal:
    """A player's events, made by the product's codec once; only numbers and times differ."""

    user_id: int
    seq: int
    _parts: tuple[bytes, bytes, bytes] = field(init=False)

    def __attrs_post_init__(self) -> None:
        before, _, rest = envelope(self.user_id, _SEQ).partition(b"%d" % _SEQ)
        between, _, after = rest.partition(TIME)
        self._parts = before, between, after

    def next_entry(self, time: bytes) -> JournalEntry:
        self.seq += 1
        before, between, after = self._parts
        text = b"%b%d%b%b%b" % (before, self.seq, between, time, after)
        return JournalEntry(self.seq, "reward_granted", text)


@frozen
class Pump:
    """Publishes events of players, each in a message of its own."""

    _broadcaster: Broadcaster
    _journals: list[Journal]

    def publish(self, time: bytes, group: int, count: int) -> None:
        journal = self._journals[group]
        for _ in range(count):
            entry = journal.next_entry(time)
            self._broadcaster.publish(pack_entries(journal.user_id, [entry]))


class PlainPasswords(Passwords):
    """Nobody signs in with them."""

    async def hash(self, password: str) -> str:
        return "none"

    async def verify(self, password: str, password_hash: str | None) -> bool:
        return False


class BenchNode(NodeServer):
    """A node with players, and a pump that listens once the node does."""

    def __init__(
        self, settings: Settings, container: Container, control: int, groups: int, tokens: Path
    ) -> None:
        super().__init__(settings, container)
        self._container = container
        self._control = control
        self._groups = groups
        self._tokens = tokens

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        journals, tokens = [], []
        for group in range(self._groups):
            command = SignUpCommand(
                site_id=f"group{group:06d}", nickname="bench", password="not-used"
            )
            signed_in = await self._container.sign_up().execute(command)
            user_id = signed_in.user.id
            caught_up = await self._container.catch_up().execute(user_id, None)
            journals.append(Journal(user_id, caught_up.position.seq))
            tokens.append(signed_in.access_token)
        self._tokens.write_text("\n".join(tokens))
        pump = Pump(self._container.broadcaster(), journals)
        self._listening = await listen(self._control, pump.publish)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._listening.close()
        await super().shutdown(sockets)


def main() -> None:
    control, groups, tokens = sys.argv[1:]
    settings = load_settings()
    configure_logs(settings)
    container = build_container(settings)
    container.passwords.override(providers.Object(PlainPasswords()))
    BenchNode(settings, container, int(control), int(groups), Path(tokens)).run()


if __name__ == "__main__":
    main()
