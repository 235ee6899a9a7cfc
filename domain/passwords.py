"""The rules for new passwords. Passwords that were set under earlier rules go on working.

NIST SP 800-63B, section 5.1.1.2: length counts and composition does not, and passwords that an
attacker would try first are refused.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence

from domain.errors import InvalidInput

MIN_LENGTH, MAX_LENGTH, MAX_BYTES = 8, 128, 512

_SHORTEST_NAME = 3
_LONGEST_PADDING = 4
"""Digits and signs around a common password that do not make it a better one."""

_LONGEST_PERIOD = 4

_LEET = str.maketrans("013457@$!", "oieastasi")
"""What is usually written for these letters."""

IsCommon = Callable[[str], bool]


def normalized(password: str) -> str:
    """The form that is hashed (NFKC): devices write the same character in different ways."""
    return unicodedata.normalize("NFKC", password)


def check_new_password(
    password: str, names: Sequence[str], is_common: IsCommon, field: str = "password"
) -> str:
    """Return the password; InvalidInput for `field` if it has less than 8 or more than 128
    characters (512 bytes), or if it is easy to guess (`password_too_common`): a common password,
    one of the user's own `names`, a few characters repeated, or a trivial variation of these."""
    plain = normalized(password)
    if not MIN_LENGTH <= len(plain) <= MAX_LENGTH:
        raise InvalidInput(field, f"must have {MIN_LENGTH} to {MAX_LENGTH} characters")
    if len(plain.encode()) > MAX_BYTES:
        raise InvalidInput(field, f"must have at most {MAX_BYTES} bytes in UTF-8")
    if _is_easy(plain.casefold(), names, is_common):
        raise InvalidInput(
            field,
            "is easy to guess: choose one that is not common and not your name",
            code="password_too_common",
        )
    return password


def _is_easy(password: str, names: Sequence[str], is_common: IsCommon) -> bool:
    own = {form for name in names for form in _forms_of_name(normalized(name).casefold())}
    return _period(password) <= _LONGEST_PERIOD or any(
        _is_padded_common(form, is_common) or not own.isdisjoint({_word(form), _word(_bare(form))})
        for form in (password, password.translate(_LEET))
    )


def _is_padded_common(password: str, is_common: IsCommon) -> bool:
    bare = _bare(password)
    padding = len(password) - len(bare)
    return is_common(password) or (padding <= _LONGEST_PADDING and is_common(bare))


def _forms_of_name(name: str) -> Iterator[str]:
    """The name, also without the host of an e-mail address, reversed, and twice."""
    for part in {_word(name), _word(name.partition("@")[0]), _word(_bare(name))}:
        for form in (part, part.translate(_LEET)):
            if len(form) >= _SHORTEST_NAME:
                yield from (form, form[::-1], form * 2)


def _bare(text: str) -> str:
    """Without the digits and signs at both ends."""
    letters = [index for index, character in enumerate(text) if character.isalpha()]
    return text[letters[0] : letters[-1] + 1] if letters else text


def _word(text: str) -> str:
    """The letters and digits."""
    return "".join(filter(str.isalnum, text))


def _period(text: str) -> int:
    """The length of the part whose repetition is the text."""
    return (text + text).find(text, 1)
