"""Every change of a wallet is one row; their sum is the balance."""

from enum import StrEnum

from attrs import frozen


class LedgerReason(StrEnum):
    SIGNUP = "signup"
    BET = "bet"
    WIN = "win"
    PURCHASE = "purchase"
    STREAK = "streak"
    REWARD = "reward"


@frozen
class LedgerEntry:
    """`delta` gold, positive or negative; `balance` is what was there afterwards."""

    delta: int
    balance: int
    reason: LedgerReason
