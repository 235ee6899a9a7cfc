"""The rules for new passwords."""

import pytest

from adapters.outbound.security.listed_passwords import ListedPasswords
from domain.errors import InvalidInput
from domain.passwords import check_new_password, normalized

NAMES = ("ada.lovelace@example.org", "Countess 1815")
is_common = ListedPasswords().contain


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("Xy7-pqRz", id="shortest"),
        pytest.param("correct horse battery " * 5, id="long"),
        pytest.param(" pass wörd\t", id="anything"),
        pytest.param("player-password", id="two words"),
        pytest.param("ada and the engine", id="a name in a phrase"),
        pytest.param("玩家的秘密密码一二", id="another script"),
    ],
)
def test_good_passwords_are_taken_as_they_are(password: str) -> None:
    """No composition is required."""
    assert check_new_password(password, NAMES, is_common) == password


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("password", id="common"),
        pytest.param("PassWord1", id="common in another case"),
        pytest.param("!!password99", id="common with padding"),
        pytest.param("P@ssw0rd!", id="common with signs for letters"),
        pytest.param("ｐａｓｓｗｏｒｄ１", id="common in wide letters"),
        pytest.param("qwertyuiop", id="a row of keys"),
        pytest.param("abcdabcdabcd", id="a few characters repeated"),
        pytest.param("ada.lovelace@example.org", id="site id"),
        pytest.param("AdaLovelace2026!", id="site id without its host, with padding"),
        pytest.param("ecalevol.ada", id="site id reversed"),
        pytest.param("c0untess_1815", id="nickname with signs for letters"),
        pytest.param("CountessCountess", id="nickname twice"),
    ],
)
def test_guessable_passwords_are_refused(password: str) -> None:
    """The error has its own code and names the field."""
    with pytest.raises(InvalidInput, match="easy to guess") as refused:
        check_new_password(password, NAMES, is_common, "new_password")
    assert (refused.value.error_code, refused.value.field) == (
        "password_too_common",
        "new_password",
    )


@pytest.mark.parametrize("password", ["", "short-7", "xy" * 64 + "z"])
def test_passwords_of_other_lengths_are_refused(password: str) -> None:
    """Passwords that are too short, or longer than anybody types, are refused."""
    with pytest.raises(InvalidInput, match="8 to 128 characters") as refused:
        check_new_password(password, NAMES, is_common)
    assert refused.value.field == "password"


def test_lengths_are_those_of_the_normalized_form() -> None:
    """One character may be 18 when it is normalized."""
    with pytest.raises(InvalidInput, match="8 to 128 characters"):
        check_new_password("\ufdfa" * 8, NAMES, is_common)


def test_bytes_are_limited() -> None:
    """No character has more than four bytes, so 128 characters never have more than 512."""
    assert check_new_password("🎰🎲🃏🀄" * 16 + "🎯" * 64, NAMES, is_common)


def test_the_same_character_has_one_form() -> None:
    """A letter with a combining accent is the letter with an accent."""
    assert normalized("u\u0308") == normalized("\u00fc") == "\u00fc"
