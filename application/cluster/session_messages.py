"""How an operator's question about a user's connections gets to all nodes, and back.

A topic of its own: nodes of a version that does not know it, do not get these messages.
"""

from collections.abc import Sequence
from typing import ClassVar

from attrs import frozen

SESSIONS = "sessions"


@frozen
class OpenSession:
    """A connection of a user. `position` is the last `seq` written to it, 0 for monitors."""

    connection_id: str
    kind: str
    mode: str
    position: int


@frozen
class SessionsQuestion:
    """Every node shall tell its connections of a user, and close them if `close` is set."""

    topic: ClassVar[str] = SESSIONS

    question_id: str
    asked_by: str
    user_id: int
    close: bool


@frozen
class SessionsAnswer:
    """The connections that a node has, or has closed."""

    topic: ClassVar[str] = SESSIONS

    question_id: str
    node_id: str
    sessions: Sequence[OpenSession]
