"""Whether a signing secret can be guessed: whoever knows it can sign tokens for any account."""

from collections import Counter
from itertools import pairwise
from math import log2

DEV_SECRET = "for-development-only-never-for-production"  # noqa: S105 (refused in prod)

MIN_BITS = 80
"""Of 20,000 secrets made by `openssl rand -base64 32`, the least was estimated at 107 bits; phrases
of forty letters are estimated at 50 to 75."""

_WORD, _WORD_BITS = 3, 1.5
"""Letters in a row of this length count as a word, with so many bits each."""


def weakness(secret: str) -> str | None:
    """Why the secret must not be used in production; None if it looks random."""
    if secret == DEV_SECRET or "$(" in secret:
        return "everybody knows this one"
    bits = estimated_bits(secret)
    return f"looks like {bits:.0f} bits of entropy" if bits < MIN_BITS else None


def estimated_bits(secret: str) -> float:
    """A low estimate of the entropy: each character counts by its frequency in the secret, or as
    little as those of words do, and all count less if parts or steps (as in 1234) are repeated."""
    counts = Counter(secret)
    surprise = {character: log2(len(secret) / count) for character, count in counts.items()}
    words = _letters_of_words(secret)
    bits = sum(
        min(surprise[character], _WORD_BITS) if index in words else surprise[character]
        for index, character in enumerate(secret)
    )
    codes = [ord(character) for character in secret]
    steps = [after - before for before, after in pairwise(codes)]
    return bits * min(_variety(codes), _variety(steps))


def _variety(items: list[int]) -> float:
    """The part of the triples that occur for the first time."""
    triples = [tuple(items[index : index + 3]) for index in range(len(items) - 2)]
    return len(set(triples)) / max(1, len(triples))


def _letters_of_words(secret: str) -> set[int]:
    """The positions of letters in rows of letters of one case."""
    starts = [
        index
        for index in range(len(secret) + 1)
        if index in {0, len(secret)} or _kind(secret[index - 1]) != _kind(secret[index])
    ]
    return {
        index
        for start, end in pairwise(starts)
        if end - start >= _WORD and secret[start].isalpha()
        for index in range(start, end)
    }


def _kind(character: str) -> tuple[bool, bool]:
    return character.isalpha(), character.isupper()
