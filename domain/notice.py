"""Notices: short messages from an operator to all connected clients."""

from enum import StrEnum
from urllib.parse import urlsplit

from domain.errors import InvalidInput

MAX_MESSAGE, MAX_LINK = 500, 500


class NoticeLevel(StrEnum):
    """How a front end should display the notice."""

    INFO = "info"
    WARNING = "warning"


def check_message(message: str) -> str:
    """Return the message; InvalidInput if it is blank, too long or has unprintable characters."""
    if not message.strip() or len(message) > MAX_MESSAGE or not message.isprintable():
        raise InvalidInput("message", f"must be 1 to {MAX_MESSAGE} printable characters")
    return message


def check_link(link: str | None) -> str | None:
    """Return the link; InvalidInput unless it is a short https URL. Front ends use it as an `href`,
    so other schemes such as `javascript:` must be refused."""
    if link is not None and not (len(link) <= MAX_LINK and _is_web_address(link)):
        raise InvalidInput("link", f"must be an https address of at most {MAX_LINK} characters")
    return link


def _is_web_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    readable = link.isascii() and link.isprintable() and " " not in link
    return readable and parts.scheme == "https" and bool(parts.hostname)
