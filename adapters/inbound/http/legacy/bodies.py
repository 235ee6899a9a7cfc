"""What deployed clients send in the bodies of our calls.

In these calls, and only in these, unknown fields are tolerated. Most of what clients send does
nothing: the server knows the price, the multiplier and the machine.
"""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

from attrs import field, frozen

from adapters.inbound.http.legacy.old_name import OldName
from application.ports.storage.games import CrashRoundStore
from application.transactions.command import Command
from application.use_cases.games.bet_crash import BetCrashCommand
from application.use_cases.games.cash_out_crash import CashOutCommand
from application.use_cases.games.play_rps import PlayRpsCommand
from application.use_cases.games.pull_gacha import PullGachaCommand
from application.use_cases.games.spin_slot import SpinCommand
from application.use_cases.players.buy_product import BuyCommand
from domain.constraints import ShortText
from domain.errors import NotFound
from domain.games.crash import CrashRound


def named_or_newest_round(rounds: CrashRoundStore, user_id: int, game_id: str) -> CrashRound:
    """The open round with this id, or else the newest open one: deployed clients send just `crash`
    as the id of their round. NotFound (`unknown_round`) if no round is open."""
    open_rounds = rounds.open(user_id)
    if not open_rounds:
        raise NotFound("no round is open", code="unknown_round")
    named = [one for one in open_rounds if one.round_id == game_id]
    return (named or open_rounds)[-1]


@frozen(kw_only=True)
class _CashOutForm:
    """`multiplier` is not read: that of the server counts."""

    round_id: ShortText = ""
    game_id: Any = None

    def command(self) -> CashOutCommand:
        if self.round_id:
            return CashOutCommand(round_id=self.round_id)
        return CashOutCommand(round_id=str(self.game_id), choose=named_or_newest_round)


@frozen(kw_only=True)
class _BuyForm(BuyCommand):
    idempotency_key: str | None = None

    def command(self) -> BuyCommand:
        return BuyCommand(product_id=self.product_id, quantity=self.quantity)


def _as_it_is(form: Any) -> Any:
    return form


def _no_key(_: Any) -> None:
    return None


@frozen(kw_only=True)
class OldBody:
    """How the body of a command may differ. `form` is decoded instead of the command, and unknown
    fields are tolerated; `command` makes the command of it, and `key` its Idempotency-Key.
    `optional` are fields of the command that need not be sent."""

    names: Mapping[str, OldName] = field(factory=dict)
    optional: frozenset[str] = frozenset()
    form: type[Any]
    command: Callable[[Any], Command] = _as_it_is
    key: Callable[[Any], str | None] = _no_key


_NOTHING = "Does nothing."

BODIES: Mapping[type, OldBody] = {
    SpinCommand: OldBody(names={"lines": OldName(None, _NOTHING)}, form=SpinCommand),
    PlayRpsCommand: OldBody(names={"game_id": OldName(None, _NOTHING)}, form=PlayRpsCommand),
    PullGachaCommand: OldBody(names={"gacha_id": OldName(None, _NOTHING)}, form=PullGachaCommand),
    BetCrashCommand: OldBody(form=BetCrashCommand),
    CashOutCommand: OldBody(
        names={
            "game_id": OldName(
                None, "Instead of `round_id`; the newest open round if none has this id."
            ),
            "multiplier": OldName(None, "Does nothing: the multiplier of the server counts."),
        },
        optional=frozenset({"round_id"}),
        form=_CashOutForm,
        command=_CashOutForm.command,
    ),
    BuyCommand: OldBody(
        names={
            "amount": OldName(None, _NOTHING),
            "kind": OldName(None, _NOTHING),
            "payment_method": OldName(None, _NOTHING),
            "idempotency_key": OldName(str, "The same as the header `Idempotency-Key`."),
        },
        form=_BuyForm,
        command=_BuyForm.command,
        key=attrgetter("idempotency_key"),
    ),
}
