"""Identifiers and secrets."""

import secrets
from uuid import UUID

import uuid_utils.compat

from application.ports.ids import Ids


class SystemIds(Ids):
    """UUIDv7 (RFC 9562), and secrets of 192 bits from the cryptographic generator of the OS."""

    def event_id(self) -> UUID:
        return uuid_utils.compat.uuid7()

    def secret(self) -> str:
        return secrets.token_urlsafe(24)
