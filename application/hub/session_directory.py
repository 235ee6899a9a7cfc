"""Finds the connections of a user on all nodes, by a question through the broadcaster.

The broadcaster may lose the question or an answer, so the wait is bounded, and the result says how
many nodes there are and how many have answered.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import count

from attrs import define, field, frozen

from application.cluster.membership import Membership
from application.cluster.session_messages import OpenSession, SessionsAnswer, SessionsQuestion
from application.connections.client_connection import ClientConnection
from application.frames.close_codes import CloseCode
from application.sync.session import Session
from domain.broadcaster import Broadcaster

logger = logging.getLogger("synchub.operators")

ANSWER_S = 1.0
"""How long to wait for the answers of the other nodes."""

MAX_TOLD = 500
"""Connections of a user that one node tells at most."""


@frozen
class SessionsFound:
    """The connections by node. The result is complete if `answered` is `nodes`."""

    by_node: Mapping[str, Sequence[OpenSession]]
    nodes: int

    @property
    def answered(self) -> int:
        """How many nodes have answered, the asking one included."""
        return len(self.by_node)


@define(eq=False)
class _Question:
    expected: int
    answers: dict[str, Sequence[OpenSession]] = field(factory=dict)
    complete: asyncio.Event = field(factory=asyncio.Event)

    def take(self, node_id: str, sessions: Sequence[OpenSession]) -> None:
        self.answers[node_id] = sessions
        if len(self.answers) >= self.expected:
            self.complete.set()


class SessionDirectory:
    """One per node; see the module."""

    def __init__(
        self,
        broadcaster: Broadcaster,
        membership: Membership,
        connections_of: Callable[[int], list[ClientConnection]],
    ) -> None:
        """`connections_of` gives those of a user on this node."""
        self._broadcaster = broadcaster
        self._membership = membership
        self._connections_of = connections_of
        self._questions: dict[str, _Question] = {}
        self._numbers = count(1)

    async def find(self, user_id: int, *, close: bool = False) -> SessionsFound:
        """The connections of a user, which are closed if `close` is set; clients may reconnect."""
        node_id = self._membership.node_id
        question_id = f"{node_id}/{next(self._numbers)}"
        question = _Question(expected=self._membership.size())
        question.take(node_id, self._answer(user_id, close=close))
        self._questions[question_id] = question
        try:
            self._broadcaster.publish(SessionsQuestion(question_id, node_id, user_id, close))
            with suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_S):
                    await question.complete.wait()
        finally:
            del self._questions[question_id]
        return SessionsFound(dict(question.answers), question.expected)

    def receive(self, message: SessionsQuestion | SessionsAnswer) -> None:
        """Answer another node, or take its answer."""
        match message:
            case SessionsQuestion(question_id, asked_by, user_id, close):
                if asked_by != self._membership.node_id:
                    sessions = self._answer(user_id, close=close)
                    answer = SessionsAnswer(question_id, self._membership.node_id, sessions)
                    self._broadcaster.publish(answer)
            case SessionsAnswer(question_id, node_id, sessions):
                if question := self._questions.get(question_id):
                    question.take(node_id, sessions)

    def _answer(self, user_id: int, *, close: bool) -> list[OpenSession]:
        theirs = self._connections_of(user_id)
        told = [_facts(connection) for connection in theirs[:MAX_TOLD]]
        if close:
            for connection in theirs:
                connection.close(CloseCode.DISCONNECTED, "disconnected by an operator")
            if theirs:
                facts = {"user": user_id, "connections": len(theirs)}
                logger.info("a user was disconnected", extra=facts)
        return told


def _facts(connection: ClientConnection) -> OpenSession:
    return OpenSession(
        connection_id=connection.peer.connection_id,
        kind=connection.kind,
        mode=connection.mode.name.lower(),
        position=connection.position if isinstance(connection, Session) else 0,
    )
