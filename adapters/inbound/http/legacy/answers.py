"""The names that deployed clients read in our answers, and how each follows from our result."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from attrs import fields

from adapters.inbound.http.legacy.old_name import OldName
from application.identity.token_service import SignedIn, SignedInUser
from application.use_cases.games.crash_rounds import CrashResult
from application.use_cases.games.play_rps import PlayRpsResult
from application.use_cases.games.pull_gacha import PullGachaResult
from application.use_cases.players.buy_product import BuyResult
from domain.account import Role
from domain.games.crash import MAX_MULTIPLIER
from domain.games.gacha import Item, Rarity
from domain.games.rps import Outcome

_VERDICTS = {Outcome.WIN: "You win", Outcome.LOSE: "You lose", Outcome.DRAW: "A draw"}


def _count(*rarities: Rarity) -> Callable[[PullGachaResult], int]:
    return lambda result: sum(item.rarity in rarities for item in result.items)


def _max_multiplier(result: CrashResult) -> float:
    """Old clients compute with it, so it is a number while the crash point is secret, too."""
    return MAX_MULTIPLIER / 100 if result.crash_point is None else result.crash_point


def _rps_message(result: PlayRpsResult) -> str:
    return f"{_VERDICTS[result.outcome]}: {result.choice} against {result.house_choice}"


ANSWERS: Mapping[type, Mapping[str, OldName]] = {
    SignedInUser: {
        "is_admin": OldName(bool, "Whether `role` is `admin`.", lambda u: u.role is Role.ADMIN),
        "gold_balance": OldName(int, "The same as `gold`.", lambda u: u.gold),
        "experience": OldName(int, "The same as `exp`.", lambda u: u.exp),
        "vip_points": OldName(
            int, "What decides the tier: the same as `total_spent`.", lambda u: u.total_spent
        ),
    },
    PlayRpsResult: {
        "player_choice": OldName(str, "The same as `choice`.", lambda r: r.choice),
        "computer_choice": OldName(str, "The same as `house_choice`.", lambda r: r.house_choice),
        "result": OldName(str, "The same as `outcome`.", lambda r: r.outcome),
        "message": OldName(str, "The outcome in words, in English.", _rps_message),
    },
    Item: {
        "name": OldName(
            str,
            "`item_id` for people, in English.",
            lambda item: item.item_id.replace("_", " ").capitalize(),
        ),
        "quantity": OldName(int, "Always 1: each pulled item is listed.", lambda _: 1),
    },
    PullGachaResult: {
        "rare_item_count": OldName(int, "The number of rare items.", _count(Rarity.RARE)),
        "ultra_rare_item_count": OldName(
            int,
            "The number of epic and legendary items.",
            _count(Rarity.EPIC, Rarity.LEGENDARY),
        ),
    },
    CrashResult: {
        "game_id": OldName(str, "The same as `round_id`.", lambda r: r.round_id),
        "multiplier": OldName(
            float,
            "`cashout_multiplier`, or the point of the crash if the round is lost; 1 while it is "
            "open.",
            lambda r: r.cashout_multiplier or r.crash_point or 1.0,
        ),
        "max_multiplier": OldName(
            float, "`crash_point`, or the limit of the game while that is secret.", _max_multiplier
        ),
    },
    BuyResult: {
        "message": OldName(
            str,
            "The purchase in words, in English.",
            lambda r: f"Bought {r.quantity} of {r.product_id} for {r.amount} gold",
        ),
    },
}

_PARTS: Mapping[type, str] = {SignedIn: "user", PullGachaResult: "items"}
"""The field of an answer whose values have old names, too."""


def has_old_names(kind: object) -> bool:
    """Whether answers of this type differ for deployed clients."""
    return kind in ANSWERS or kind in _PARTS


def with_old_names(answer: Any) -> Any:
    """The answer with old names; anything else as it is."""
    kind = type(answer)
    if kind is tuple:
        return [with_old_names(part) for part in answer]
    if not has_old_names(kind):
        return answer
    shown = {name: getattr(answer, name) for name in _field_names(kind)}  # type: ignore[arg-type]  # classes are hashable
    if part := _PARTS.get(kind):
        shown[part] = with_old_names(shown[part])
    for name, old in ANSWERS.get(kind, {}).items():
        assert old.derive is not None, "names in answers are derived"
        shown[name] = old.derive(answer)
    return shown


@cache
def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(attribute.name for attribute in fields(kind))
