"""Accounts and logins: who can sign in, with which role, and the rules for the sign-up fields."""

import re
from datetime import datetime
from enum import StrEnum

from attrs import frozen

from domain.errors import InvalidInput

_SITE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{2,63}")
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{5,18}[0-9]")
_INVITE = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Role(StrEnum):
    """The rights of an account. Operators have the role `admin`."""

    PLAYER = "player"
    ADMIN = "admin"


class AccountStatus(StrEnum):
    """Whether an account can be used. Operators block, unblock and delete; deletion is final."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    DELETED = "deleted"


@frozen(kw_only=True)
class Account:
    """An account. `site_id` is the login name; it is unique, ignoring case.

    `version` grows with each change of what the account may do: role, status, password. Access
    tokens name the version that they were issued for; those of an earlier one are not valid.
    `changed_at` is when it last grew.
    """

    user_id: int
    site_id: str
    password_hash: str
    role: Role = Role.PLAYER
    status: AccountStatus = AccountStatus.ACTIVE
    version: int = 1
    changed_at: datetime | None = None


@frozen(kw_only=True)
class Login:
    """One sign-in on one device. Refresh tokens extend it; only their digests are stored.

    Refresh tokens rotate: each can be used once and is replaced by its use (RFC 9700, section
    4.14.2). All tokens of a login are a family: they have a secret in common, of which
    `family_digest` is the digest. So every earlier token is recognized, although only the digests
    of the current and the previous one are stored. `successor_salt` derives the current token from
    the previous one, for a client that did not get the answer
    (`application.identity.refresh_tokens`). At `ends_at` the login ends, however often it was
    extended. Logins from before families have None in these fields until their next refresh.
    """

    login_id: str
    user_id: int
    family_digest: str | None = None
    refresh_digest: str
    previous_digest: str | None = None
    successor_salt: str | None = None
    rotated_at: datetime
    expires_at: datetime
    ends_at: datetime | None = None
    revoked_at: datetime | None = None


def check_site_id(site_id: str) -> str:
    """Return the site id; InvalidInput if it does not match the pattern in the message."""
    if not _SITE_ID.fullmatch(site_id):
        raise InvalidInput(
            "site_id",
            "must be 3 to 64 letters, digits or any of . _ @ + -, a letter or digit first",
        )
    return site_id


def check_phone_number(phone_number: str | None) -> str | None:
    """Return the phone number, which is optional; InvalidInput if it does not look like one."""
    if phone_number is not None and not _PHONE.fullmatch(phone_number):
        raise InvalidInput("phone_number", "must be 7 to 20 digits, spaces, brackets or dashes")
    return phone_number


def check_invite_code(invite_code: str | None) -> str | None:
    """Return the invite code, which is optional; InvalidInput if it has other characters."""
    if invite_code is not None and not _INVITE.fullmatch(invite_code):
        raise InvalidInput("invite_code", "must be 1 to 64 letters, digits, _ or -")
    return invite_code
