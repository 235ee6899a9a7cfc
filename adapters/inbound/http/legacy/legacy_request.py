"""Requests whose bodies may be those of deployed clients."""

from collections.abc import Callable
from typing import Any

import msgspec

from adapters.inbound.http.legacy.bodies import BODIES, OldBody
from adapters.inbound.http.request.json_body import JsonRequest, decode, parsed
from adapters.inbound.http.request.request_context import set_key_of_body

COUNT = "count_legacy_call"
"""In the `opt` of the handler: called for each body with old names."""


class LegacyRequest(JsonRequest):
    """Reads a body as our own command first, which costs our own clients nothing; what that refuses
    is read as the body of a deployed client."""

    def decode(self, body: bytes, command: type[Any]) -> Any:
        """The command; msgspec.ValidationError if neither form is valid."""
        try:
            return super().decode(body, command)
        except msgspec.ValidationError:
            old: OldBody = BODIES[command]
            parsed(body)  # decoding would not look into unknown fields
            form = decode(body, old.form, tolerant=True)
        count: Callable[[], None] = self.route_handler.opt[COUNT]
        count()
        if (key := old.key(form)) is not None:
            set_key_of_body(self, key)
        return old.command(form)
