"""An example of each request and answer, made from the classes.

They tell one story: the player 7 bets 10 gold, and the operator 1 looks after that player.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from attrs import asdict, fields
from litestar.serialization import encode_json

from adapters.inbound.http.service.key_set import KeySet
from adapters.inbound.http.service.operations import Alive, Readiness
from adapters.wire.schemas.frame_schemas import frame_components
from application.frames.accepted_events import BY_DEFAULT
from application.identity.token_service import SignedIn, SignedInUser
from application.transactions.command import EventRef, Result, is_server_side
from application.use_cases.accounts.account_administration import (
    AccountCommand,
    AdministeredAccount,
)
from application.use_cases.accounts.change_password import ChangePasswordCommand
from application.use_cases.accounts.change_role import ChangeRoleCommand
from application.use_cases.accounts.issue_ticket import IssuedTicket, IssueTicketCommand
from application.use_cases.accounts.log_in import LogInCommand
from application.use_cases.accounts.log_out import LogOutCommand
from application.use_cases.accounts.refresh_login import RefreshCommand
from application.use_cases.accounts.sign_up import SignUpCommand
from application.use_cases.audit.read_audit_log import EntriesShown, EntryShown
from application.use_cases.fairness.read_fairness import NextRound, PastRound, PastRounds
from application.use_cases.fairness.rotate_seeds import ChangeClientSeedCommand, RotateSeedsResult
from application.use_cases.fairness.verify_round import VerifiedRound, VerifyRoundCommand
from application.use_cases.games.bet_crash import BetCrashCommand
from application.use_cases.games.cash_out_crash import CashOutCommand
from application.use_cases.games.crash_rounds import CrashResult, CrashStatus
from application.use_cases.games.play_rps import PlayRpsCommand, PlayRpsResult
from application.use_cases.games.pull_gacha import PullGachaCommand, PullGachaResult
from application.use_cases.games.spin_slot import SpinCommand, SpinResult
from application.use_cases.operations.send_notice import SendNoticeCommand, SendNoticeResult
from application.use_cases.players.buy_product import BuyCommand, BuyResult
from application.use_cases.players.catch_up import CaughtUp
from application.use_cases.players.claim_streak import ClaimStreakResult
from application.use_cases.players.read_player import (
    Offer,
    Offers,
    Stats,
    StreakStatus,
)
from application.use_cases.players.update_profile import UpdateProfileCommand, UpdateProfileResult
from application.use_cases.users.adjust_balance import AdjustBalanceCommand, AdjustBalanceResult
from application.use_cases.users.disconnect_user import Disconnected
from application.use_cases.users.find_users import UsersFound
from application.use_cases.users.inspect_user import ConnectionFacts, LoginFacts, UserOverview
from application.use_cases.users.revoke_logins import LoginsRevoked, RevokeLoginsCommand
from domain.account import AccountStatus, Role
from domain.events import GameTotals, GameType, PurchaseStatus
from domain.fairness import FairDraws, commitment
from domain.games import gacha, rps, slot
from domain.notice import NoticeLevel
from domain.progress.streak import DAILY_LOGIN
from domain.shop import PRODUCTS

_NOW = datetime(2026, 7, 1, 12, 30, 15, 250_000, tzinfo=UTC)
_EVENT = UUID("0198b1f2-6a80-7c11-9d7e-3a5b0f6c2e14")
_EPOCH = "c81a5f0e"
_ROUND = "0198b1f2-71c4-7d02-8a11-52f6f3b0a9c7"
_SERVER_SEED = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_NEXT_HASH = commitment("the next one")
_BET = 10
_GOLD = 1_000
_TOKEN = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiI3In0.c2lnbmF0dXJl"  # noqa: S105 (an example)
_REFRESH = "Vw7y0Q3bq0l2.k0J9c1v5Zb3m"
_PASSWORD = "correct horse battery"  # noqa: S105 (an example)


def _draws() -> FairDraws:
    return FairDraws(_SERVER_SEED, "lucky-7", 4)


_FAIRNESS = _draws().fairness
_SPIN = slot.spin(_BET, _draws())
_RPS = rps.play(rps.Hand.ROCK, _BET, _draws())
_PULLS = gacha.pull(1, 3, _draws())


def _events(*types: str) -> tuple[EventRef, ...]:
    return tuple(
        EventRef(id=UUID(int=_EVENT.int + offset), type=name, seq=42 + offset)
        for offset, name in enumerate(types)
    )


_PLAYED = _events("user_action", "game_event", "stats_update", "balance_update", "profile_update")

_PLAYER = SignedInUser(
    id=7,
    site_id="ada",
    nickname="Ada",
    role=Role.PLAYER,
    gold=_GOLD,
    exp=0,
    level=1,
    tier="bronze",
    total_spent=0,
)
_CONNECTION = ConnectionFacts(
    node="8f14e45f",
    connection_id="0198b1f2-6a80-7c11-9d7e-3a5b0f6c2e15",
    kind="session",
    mode="live",
    position=46,
    since=_NOW,
)
COMMANDS: Sequence[object] = (
    SignUpCommand(site_id="ada", nickname="Ada", password=_PASSWORD, phone_number="+49 30 1234567"),
    LogInCommand(site_id="ada", password=_PASSWORD),
    ChangePasswordCommand(current_password=_PASSWORD, new_password="staple gun orchestra"),  # noqa: S106
    RefreshCommand(refresh_token=_REFRESH),
    LogOutCommand(everywhere=False),
    SpinCommand(bet_amount=_BET),
    PlayRpsCommand(choice=rps.Hand.ROCK, bet_amount=_BET),
    PullGachaCommand(pull_count=1),
    BetCrashCommand(bet_amount=_BET, auto_cashout_multiplier=1.5),
    CashOutCommand(round_id=_ROUND),
    ChangeClientSeedCommand(client_seed="lucky-7"),
    VerifyRoundCommand(
        game_type=GameType.SLOT,
        server_seed=_SERVER_SEED,
        client_seed="lucky-7",
        nonce=4,
        bet_amount=_BET,
    ),
    BuyCommand(product_id="gold_100", quantity=1),
    UpdateProfileCommand(nickname="Ada"),
    IssueTicketCommand(),
    SendNoticeCommand(
        message="Maintenance at 18:00 UTC",
        level=NoticeLevel.WARNING,
        link="https://status.example.org/",
    ),
    AccountCommand(user_id=7),
    ChangeRoleCommand(user_id=7, role=Role.ADMIN),
    RevokeLoginsCommand(login_id=None),
    AdjustBalanceCommand(delta=100, note="compensation for a lost round"),
)

ANSWERS: Sequence[object] = (
    SignedIn(access_token=_TOKEN, refresh_token=_REFRESH, expires_in=900, user=_PLAYER),
    _PLAYER,
    Result(),
    SpinResult(
        events=_PLAYED,
        bet_amount=_BET,
        reels=(_SPIN.reels,),
        win_amount=_SPIN.win,
        is_jackpot=_SPIN.jackpot,
        balance=_GOLD - _BET + _SPIN.win,
        net_change=_SPIN.win - _BET,
        fairness=_FAIRNESS,
    ),
    PlayRpsResult(
        events=_PLAYED,
        bet_amount=_BET,
        choice=_RPS.choice,
        house_choice=_RPS.house_choice,
        outcome=_RPS.outcome,
        win_amount=_RPS.win,
        balance=_GOLD - _BET + _RPS.win,
        net_change=_RPS.win - _BET,
        fairness=_FAIRNESS,
    ),
    PullGachaResult(
        events=_PLAYED,
        pull_count=1,
        items=_PULLS.items,
        cost=_PULLS.cost,
        win_amount=_PULLS.win,
        pity=_PULLS.pity,
        balance=_GOLD - _PULLS.cost + _PULLS.win,
        net_change=_PULLS.win - _PULLS.cost,
        fairness=_FAIRNESS,
    ),
    CrashResult(
        events=_PLAYED,
        round_id=_ROUND,
        status=CrashStatus.CASHED_OUT,
        bet_amount=_BET,
        started_at=int(_NOW.timestamp() * 1000),
        auto_cashout_multiplier=1.5,
        cashout_multiplier=1.5,
        crash_point=2.31,
        win_amount=15,
        balance=_GOLD + 5,
        net_change=5,
        fairness=_FAIRNESS,
    ),
    Stats({"slot": GameTotals(plays=1, wins=0, wagered=_BET, won=0, biggest_win=0)}),
    NextRound(**asdict(_FAIRNESS), next_server_seed_hash=_NEXT_HASH),
    RotateSeedsResult(
        events=_events("user_action"),
        revealed_server_seed=_SERVER_SEED,
        revealed_server_seed_hash=_FAIRNESS.server_seed_hash,
        revealed_client_seed="lucky-7",
        revealed_rounds=5,
        server_seed_hash=_NEXT_HASH,
        client_seed="lucky-8",
        nonce=0,
        next_server_seed_hash=commitment("the one after that"),
    ),
    PastRounds(
        [
            PastRound(
                seq=43,
                ts=_NOW,
                game_type=GameType.SLOT,
                subtype="slot_spin",
                bet=_BET,
                win=_SPIN.win,
                result=_SPIN.result(),
                fairness=_FAIRNESS,
                server_seed=_SERVER_SEED,
            )
        ]
    ),
    VerifiedRound(**asdict(_FAIRNESS), game_type=GameType.SLOT, result=_SPIN.result()),
    Offers([Offer(**asdict(product), owned=False) for product in PRODUCTS.values()]),
    BuyResult(
        events=_events("user_action", "purchase_update", "balance_update", "profile_update"),
        status=PurchaseStatus.SUCCESS,
        product_id="gold_100",
        quantity=1,
        amount=100,
        balance=_GOLD - 100,
        receipt_code="h3mZb1xQ",
    ),
    UpdateProfileResult(events=_events("user_action", "profile_update"), nickname="Ada"),
    StreakStatus(
        action_type=DAILY_LOGIN,
        current_count=2,
        last_action_date=date(2026, 6, 30),
        claimable=True,
    ),
    ClaimStreakResult(
        events=_events("user_action", "streak_update", "balance_update", "profile_update"),
        action_type=DAILY_LOGIN,
        current_count=3,
        last_action_date=_NOW.date(),
        gold=1_400,
        exp=100,
        balance=_GOLD + 1_400,
    ),
    IssuedTicket(ticket="q3Jm9yQz", expires_in=30),
    CaughtUp(
        position=f"{_EPOCH}:46",
        recovered=True,
        reason=None,
        more=False,
        events=dict(BY_DEFAULT.versions),
        frames=[],
    ),
    SendNoticeResult(id=_EVENT),
    AdministeredAccount(user_id=7, role=Role.PLAYER, status=AccountStatus.ACTIVE, version=2),
    UsersFound([_PLAYER]),
    UserOverview(
        user=_PLAYER,
        status=AccountStatus.ACTIVE,
        logins=[
            LoginFacts(
                login_id="b7Qd2mXw",
                last_used_at=_NOW,
                expires_at=_NOW + timedelta(days=30),
                revoked_at=None,
            )
        ],
        connections=[_CONNECTION],
        nodes=2,
        answered=2,
    ),
    Disconnected(connections=[_CONNECTION], nodes=2, answered=2),
    LoginsRevoked(revoked=["b7Qd2mXw"]),
    AdjustBalanceResult(
        events=_events("balance_update", "profile_update"), delta=100, balance=_GOLD + 100
    ),
    EntriesShown(
        entries=[
            EntryShown(
                number=12,
                at=_NOW,
                actor="user:1",
                address="192.0.2.1",
                request_id="5f3a91c2-8",
                action="POST /api/admin/users/block",
                target="user_id=7",
                parameters='{"user_id": 7}',
                outcome="ok",
                count=1,
                seal=commitment("a seal"),
            )
        ],
        head=f"12:{commitment('a seal')}",
    ),
    KeySet(
        [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
                "use": "sig",
                "alg": "EdDSA",
                "kid": "2026-06",
            }
        ]
    ),
    Alive(),
    Readiness("ready"),
)


def examples(more: Sequence[object] = ()) -> Mapping[str, Any]:
    """These examples and more, by the name of their class, as they are on the wire."""
    values = (*COMMANDS, *ANSWERS, *more)
    shown = {type(value).__name__: _on_the_wire(value) for value in values}
    frames = frame_components()
    shown["CaughtUp"]["frames"] = frames["BalanceUpdateV1"]["examples"]
    state = frames["InitialState"]["examples"][0]["data"]
    return {**shown, "PositionedState": {"position": f"{_EPOCH}:46", "state": state}}


def _on_the_wire(value: Any) -> Any:
    sent = [one.name for one in fields(type(value)) if not is_server_side(one)]
    return msgspec.json.decode(encode_json({name: getattr(value, name) for name in sent}))
