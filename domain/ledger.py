"""The ledger: one entry per change of a wallet; the sum of the deltas is the balance."""

from enum import StrEnum

from attrs import frozen


class LedgerReason(StrEnum):
    """The cause of a ledger entry."""

    SIGNUP = "signup"
    BET = "bet"
    WIN = "win"
    PURCHASE = "purchase"
    STREAK = "streak"
    REWARD = "reward"


@frozen
class LedgerEntry:
    """A change of `delta` gold (negative: charged); `balance` is the balance after it."""

    delta: int
    balance: int
    reason: LedgerReason
