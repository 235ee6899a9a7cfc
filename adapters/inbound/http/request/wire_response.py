"""Answers with the rules of the sockets: `None` is left out, times have milliseconds."""

from typing import Any, TypeVar

from litestar import Response
from litestar.serialization import encode_json

from adapters.wire.plain import plain

T = TypeVar("T")


class WireResponse(Response[T]):
    """A JSON answer whose content also goes over sockets, so that both are the same text."""

    def render(self, content: Any, *args: Any, **options: Any) -> bytes:
        """Encode the content."""
        return encode_json(plain(content))
