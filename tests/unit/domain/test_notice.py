"""Notices of an operator: messages and links."""

import pytest

from domain.errors import InvalidInput
from domain.notice import MAX_LINK, MAX_MESSAGE, check_link, check_message


@pytest.mark.parametrize("message", ["x", "x" * MAX_MESSAGE, "Wartung um 5 🎰", "<b>&amp;"])
def test_messages(message: str) -> None:
    """Any printable line of text is accepted; front ends must not interpret it as markup."""
    assert check_message(message) == message


@pytest.mark.parametrize("message", ["", " ", "x" * (MAX_MESSAGE + 1), "a\nb", "a\x1b[", "\u202e"])
def test_what_is_no_message(message: str) -> None:
    """Empty, too long and unprintable messages are refused."""
    with pytest.raises(InvalidInput) as refusal:
        check_message(message)
    assert refusal.value.field == "message"


@pytest.mark.parametrize(
    "link", [None, "https://example.org", "https://example.org:8443/a?b=c#d", "HTTPS://x/"]
)
def test_links(link: str | None) -> None:
    assert check_link(link) == link


@pytest.mark.parametrize(
    "link",
    [
        "",
        " ",
        "example.org",
        "/relative",
        "//example.org",
        "http://example.org",
        "https://",
        "https:///path",
        "https://[::1",
        "https://example.org/a b",
        "https://example.org/\n",
        "https://exämple.org",
        " https://example.org",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://example.org/" + "x" * MAX_LINK,
    ],
)
def test_what_is_no_link(link: str) -> None:
    """Only absolute https addresses are accepted, because front ends put them into a page."""
    with pytest.raises(InvalidInput) as refusal:
        check_link(link)
    assert refusal.value.field == "link"
