"""What clients say over a socket."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

from attrs import frozen

from domain.constraints import Description, Example


@frozen
class ClientMessage:
    """Base class of all messages. `type` is the discriminator; further fields are ignored."""

    type: ClassVar[str]


@frozen
class Ping(ClientMessage):
    """Is the server there? It answers `pong`. The bare text `ping` means the same."""

    type = "ping"


@frozen
class Auth(ClientMessage):
    """A new access token of the same user, so that the connection goes on until that expires. The
    server answers `auth_ok`, or `error` with the reason."""

    type = "auth"

    token: Annotated[str, Description("The access token."), Example("eyJhbGciOiJIUzI1NiIsIn…")]


CLIENT_MESSAGES: Sequence[type[ClientMessage]] = (Ping, Auth)
