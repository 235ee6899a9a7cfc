"""Accounts: what may be a login name, a phone number, an invite code."""

from collections.abc import Callable

import pytest

from domain.account import (
    Account,
    Role,
    check_invite_code,
    check_phone_number,
    check_site_id,
)
from domain.errors import InvalidInput


def test_an_account_is_a_players_unless_stated() -> None:
    """The default role is player."""
    assert Account(user_id=1, site_id="ada", password_hash="").role is Role.PLAYER


@pytest.mark.parametrize(
    ("check", "value"),
    [
        pytest.param(check_site_id, "abc", id="shortest site id"),
        pytest.param(check_site_id, "x" * 64, id="longest site id"),
        pytest.param(check_site_id, "7of9", id="site id with a digit first"),
        pytest.param(check_site_id, "Ada.L_1815+x-y@example.org", id="site id of all kinds"),
        pytest.param(check_phone_number, None, id="no phone number"),
        pytest.param(check_phone_number, "1234567", id="shortest phone number"),
        pytest.param(check_phone_number, "1" * 20, id="longest phone number"),
        pytest.param(check_phone_number, "+82 (0)10-1234-5678", id="international phone number"),
        pytest.param(check_invite_code, None, id="no invite code"),
        pytest.param(check_invite_code, "x", id="shortest invite code"),
        pytest.param(check_invite_code, "x" * 64, id="longest invite code"),
        pytest.param(check_invite_code, "-Ab_9", id="invite code of all kinds"),
    ],
)
def test_what_keeps_the_rules_is_taken_as_it_is(
    check: Callable[[str | None], str | None], value: str | None
) -> None:
    """No check changes a value."""
    assert value == check(value)


@pytest.mark.parametrize(
    "site_id",
    [
        pytest.param("", id="empty"),
        pytest.param("ab", id="too short"),
        pytest.param("x" * 65, id="too long"),
        pytest.param("_ada", id="starts with a sign"),
        pytest.param("@ada", id="starts with an at"),
        pytest.param("ada lovelace", id="space"),
        pytest.param("ada\n", id="line break at the end"),
        pytest.param("äda", id="umlaut first"),
        pytest.param("adä", id="umlaut"),
        pytest.param("٣٣٣", id="digits of another script"),
    ],
)
def test_other_site_ids_are_refused(site_id: str) -> None:
    """Names that could be mistaken for others or break a log line are refused."""
    with pytest.raises(InvalidInput, match="3 to 64") as refused:
        check_site_id(site_id)
    assert refused.value.field == "site_id"


@pytest.mark.parametrize(
    "phone_number",
    [
        pytest.param("", id="empty"),
        pytest.param("123456", id="too short"),
        pytest.param("1" * 21, id="too long"),
        pytest.param("12345x7", id="letter"),
        pytest.param("+-12345678", id="dash first"),
        pytest.param("12345678-", id="dash last"),
        pytest.param("++12345678", id="two plus signs"),
        pytest.param("1234567\n", id="line break at the end"),
        pytest.param("١٢٣٤٥٦٧", id="digits of another script"),
    ],
)
def test_other_phone_numbers_are_refused(phone_number: str) -> None:
    """Numbers that could not be dialled are refused."""
    with pytest.raises(InvalidInput, match="7 to 20") as refused:
        check_phone_number(phone_number)
    assert refused.value.field == "phone_number"


@pytest.mark.parametrize(
    "invite_code",
    [
        pytest.param("", id="empty"),
        pytest.param("x" * 65, id="too long"),
        pytest.param("a b", id="space"),
        pytest.param("a.b", id="dot"),
        pytest.param("ab\n", id="line break at the end"),
    ],
)
def test_other_invite_codes_are_refused(invite_code: str) -> None:
    """An absent code is `None`, not an empty one."""
    with pytest.raises(InvalidInput, match="1 to 64") as refused:
        check_invite_code(invite_code)
    assert refused.value.field == "invite_code"
