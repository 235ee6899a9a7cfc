"""The ledger: one entry per change of a wallet; the sum of the deltas is the balance."""

from enum import StrEnum

from attrs import frozen

from domain.errors import InvalidInput

MAX_NOTE = 500


class LedgerReason(StrEnum):
    """The cause of a ledger entry."""

    SIGNUP = "signup"
    BET = "bet"
    WIN = "win"
    PURCHASE = "purchase"
    STREAK = "streak"
    REWARD = "reward"
    ADJUSTMENT = "adjustment"


@frozen
class LedgerEntry:
    """A change of `delta` gold (negative: charged); `balance` is the balance after it."""

    delta: int
    balance: int
    reason: LedgerReason


def check_note(note: str) -> str:
    """Return the reason that an operator gave; InvalidInput if it is blank, too long or has
    unprintable characters."""
    if not note.strip() or len(note) > MAX_NOTE or not note.isprintable():
        raise InvalidInput("note", f"must be 1 to {MAX_NOTE} printable characters")
    return note
