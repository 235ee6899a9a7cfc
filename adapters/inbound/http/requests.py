"""What requests may contain. Unknown fields are refused, so that a misspelt one is noticed."""

from typing import Annotated

from litestar.params import HeaderParameter
from msgspec import Meta, Struct

from domain.games.bets import MAX_BET, MIN_BET
from domain.games.rps import Hand
from domain.notice import NoticeLevel
from domain.shop import MAX_QUANTITY

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        min_length=1,
        max_length=128,
        pattern="^[ -~]*$",
        description="Repeating a request with the same key returns the first result.",
    ),
]

Text = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00]*$")]
"""Any short text; the use case has the exact rules. PostgreSQL could not look for a NUL."""

LongText = Annotated[str, Meta(max_length=500, pattern=r"^[^\x00]*$")]

Bet = Annotated[int, Meta(ge=MIN_BET, le=MAX_BET, description="Whole gold.")]


class RequestBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """Base of all request bodies."""


class SignUpRequest(RequestBody):
    site_id: Text
    nickname: Text
    password: Text
    invite_code: Text | None = None
    phone_number: Text | None = None


class LogInRequest(RequestBody):
    site_id: Text
    password: Text


class RefreshRequest(RequestBody):
    refresh_token: Text


class LogOutRequest(RequestBody):
    everywhere: bool = False


class SpinRequest(RequestBody):
    bet_amount: Bet


class PlayRpsRequest(RequestBody):
    choice: Hand
    bet_amount: Bet


class PullGachaRequest(RequestBody):
    pull_count: Annotated[int, Meta(ge=1, le=10, description="1 or 10.")] = 1


class BetCrashRequest(RequestBody):
    bet_amount: Bet
    auto_cashout_multiplier: (
        Annotated[float, Meta(ge=1.01, le=10_000, description="Rounded down to hundredths.")] | None
    ) = None


class CashOutRequest(RequestBody):
    round_id: Text


class BuyRequest(RequestBody):
    product_id: Text
    quantity: Annotated[int, Meta(ge=1, le=MAX_QUANTITY)] = 1


class UpdateProfileRequest(RequestBody):
    nickname: Text


class SendNoticeRequest(RequestBody):
    message: LongText
    level: NoticeLevel = NoticeLevel.INFO
    link: LongText | None = None
