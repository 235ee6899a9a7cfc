"""PlayerTransactions: state, ledger, journal and messages of one change agree."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve, frozen
from sqlalchemy import func, select

from adapters.outbound.sql.tables import idempotency, ledger
from application.cluster.event_range import EventRange
from application.cluster.messages import GamesPlayed
from application.transactions.command import Actor, Command, EventRef, Result
from application.transactions.player_transaction import PlayerTransaction
from domain.errors import Conflict, InsufficientGold, InvalidInput, NotFound
from domain.events import GameEvent, GameType, UserAction
from domain.ledger import LedgerReason
from domain.player import EXP_PER_LEVEL, LEVEL_UP_GOLD, MAX_AMOUNT, STARTING_GOLD, Player
from tests.support.stepping import finish
from tests.support.world import World

Work = Callable[[PlayerTransaction], "Bought"]


@frozen(kw_only=True)
class Buy(Command):
    """A command of these tests."""

    amount: int = 0


@frozen(kw_only=True)
class Sell(Command):
    """Another command with the same fields."""

    amount: int = 0


@frozen(kw_only=True)
class Bought(Result):
    """The result of both."""

    balance: int


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def ada(world: World) -> int:
    """A player with 1,000 gold and an empty journal."""
    return world.add_player("ada")


def run(world: World, actor: Actor, command: Command, work: Work, **options: Any) -> Bought:
    transactions = world.container.transactions()
    return finish(transactions.run(actor, command, work, Bought, reason="test", **options))


def change(world: World, user_id: int, work: Callable[[PlayerTransaction], object]) -> Bought:
    """Run `work`; the result has the balance after it."""

    def and_answer(tx: PlayerTransaction) -> Bought:
        work(tx)
        return Bought(balance=tx.player.gold)

    return run(world, Actor(user_id=user_id), Buy(), and_answer)


def player(world: World, user_id: int) -> Player:
    return world.database.now(lambda stores: stores.players.get(user_id))


def journal(world: World, user_id: int) -> list[tuple[str, dict[str, Any]]]:
    """Type and data of all events."""
    events = map(json.loads, world.journal(user_id))
    return [(event["type"], event["data"]) for event in events]


def ledger_rows(world: World) -> int:
    return world.database.scalar(select(func.count()).select_from(ledger))


def test_nothing_happened(world: World, ada: int) -> None:
    """Work that changes nothing writes and publishes nothing."""
    result = change(world, ada, lambda tx: None)
    assert result == Bought(balance=STARTING_GOLD, events=())
    assert journal(world, ada) == []
    assert world.broadcaster.under_way == []


def test_charge_is_booked_and_published(world: World, ada: int) -> None:
    """Wallet, ledger, balance and profile agree."""
    change(world, ada, lambda tx: tx.charge(300, LedgerReason.BET))
    assert player(world, ada).gold == 700
    assert world.database.scalar(select(func.sum(ledger.c.delta))) == 700
    assert journal(world, ada) == [
        ("balance_update", {"delta": -300, "balance": 700, "reason": "test"}),
        ("profile_update", {"gold": 700}),
    ]


def test_several_movements_are_one_update(world: World, ada: int) -> None:
    """The ledger has a row for each, and devices get the sum."""

    def work(tx: PlayerTransaction) -> None:
        tx.charge(300, LedgerReason.BET)
        assert tx.net_change == -300
        tx.pay(500, LedgerReason.WIN)
        assert tx.net_change == 200

    before = ledger_rows(world)
    change(world, ada, work)
    assert ledger_rows(world) == before + 2
    assert journal(world, ada)[0][1] == {"delta": 200, "balance": 1200, "reason": "test"}


def test_movements_that_cancel_out_are_still_published(world: World, ada: int) -> None:
    """There is a balance update, and no profile update."""

    def work(tx: PlayerTransaction) -> None:
        tx.charge(300, LedgerReason.BET)
        tx.pay(300, LedgerReason.WIN)

    change(world, ada, work)
    assert journal(world, ada) == [
        ("balance_update", {"delta": 0, "balance": 1000, "reason": "test"})
    ]


def test_paying_nothing_is_no_movement(world: World, ada: int) -> None:
    """A lost bet is one row in the ledger."""
    before = ledger_rows(world)
    change(world, ada, lambda tx: tx.pay(0, LedgerReason.WIN))
    assert ledger_rows(world) == before
    assert journal(world, ada) == []


@pytest.mark.parametrize(
    ("work", "refusal"),
    [
        pytest.param(
            lambda tx: tx.charge(STARTING_GOLD + 1, LedgerReason.BET),
            InsufficientGold,
            id="too little gold",
        ),
        pytest.param(lambda tx: tx.pay(MAX_AMOUNT, LedgerReason.WIN), Conflict, id="full wallet"),
    ],
)
def test_refused_movement_undoes_everything(
    world: World,
    ada: int,
    work: Callable[[PlayerTransaction], object],
    refusal: type[Exception],
) -> None:
    """Earlier changes in the same transaction are rolled back."""

    def after_a_charge(tx: PlayerTransaction) -> None:
        tx.charge(1, LedgerReason.BET)
        tx.emit(UserAction(user_id=1, action_type="bet"))
        tx.pay(1, LedgerReason.WIN)
        work(tx)

    before = ledger_rows(world)
    with pytest.raises(refusal):
        change(world, ada, after_a_charge)
    assert player(world, ada).gold == STARTING_GOLD
    assert (ledger_rows(world), journal(world, ada)) == (before, [])
    assert world.broadcaster.under_way == []


def test_all_gold_may_be_charged(world: World, ada: int) -> None:
    """A balance of 0 is published."""
    change(world, ada, lambda tx: tx.charge(STARTING_GOLD, LedgerReason.BET))
    assert journal(world, ada)[-1] == ("profile_update", {"gold": 0})


def test_grant_is_shown_and_remembered(world: World, ada: int) -> None:
    """It is an event, and one of the recent rewards, with the id and the time of the event."""
    (ref,) = change(world, ada, lambda tx: tx.grant("badge", "achievement", badge="first")).events
    granted = {"reward_type": "badge", "reward_data": {"badge": "first"}, "source": "achievement"}
    assert journal(world, ada) == [("reward_granted", granted)]
    assert world.state(ada)["recent_rewards"] == [
        {"id": str(ref.id), **granted, "timestamp": "2026-03-01T12:00:00.000Z"}
    ]


def test_gold_is_granted_into_the_wallet(world: World, ada: int) -> None:
    """There is a reward and a movement of gold."""
    change(world, ada, lambda tx: tx.grant_gold(50, "marathon"))
    types = [event_type for event_type, _ in journal(world, ada)]
    assert types == ["reward_granted", "balance_update", "profile_update"]
    assert player(world, ada).gold == STARTING_GOLD + 50


@pytest.mark.parametrize(
    ("exp", "levels"),
    [(EXP_PER_LEVEL - 1, 0), (EXP_PER_LEVEL, 1), (3 * EXP_PER_LEVEL, 3)],
    ids=["not quite", "one level", "three at once"],
)
def test_levels_are_rewarded(world: World, ada: int, exp: int, levels: int) -> None:
    """Each level gives gold; exp below a level gives none."""
    change(world, ada, lambda tx: tx.gain_exp(exp))
    assert player(world, ada).gold == STARTING_GOLD + levels * LEVEL_UP_GOLD
    assert player(world, ada).level == 1 + levels
    rewards = [data for event_type, data in journal(world, ada) if event_type == "reward_granted"]
    assert len(rewards) == min(levels, 1)


def test_profile_update_names_all_that_changed(world: World, ada: int) -> None:
    """Unchanged fields are left out."""

    def work(tx: PlayerTransaction) -> None:
        tx.player = evolve(tx.player, nickname="Countess", total_spent=1_000, exp=500)

    change(world, ada, work)
    changed = {"exp": 500, "level": 2, "tier": "silver", "total_spent": 1_000}
    assert journal(world, ada) == [("profile_update", {**changed, "nickname": "Countess"})]


def test_inner_fields_are_stored_but_not_published(world: World, ada: int) -> None:
    """The pity counter is not visible to clients."""

    def work(tx: PlayerTransaction) -> None:
        tx.player = evolve(tx.player, gacha_pity=7)

    change(world, ada, work)
    assert player(world, ada).gacha_pity == 7
    assert journal(world, ada) == []


def test_answer_names_its_events(world: World, ada: int) -> None:
    """Emitted events come first, in order, with the ids and numbers that devices see."""
    change(world, ada, lambda tx: tx.emit(UserAction(user_id=1, action_type="before")))

    def work(tx: PlayerTransaction) -> None:
        tx.charge(1, LedgerReason.BET)
        tx.emit(UserAction(user_id=1, action_type="a"), UserAction(user_id=1, action_type="b"))

    refs = change(world, ada, work).events
    events = [json.loads(envelope) for envelope in world.journal(ada)][1:]
    assert [ref.type for ref in refs] == [
        "user_action",
        "user_action",
        "balance_update",
        "profile_update",
    ]
    assert [(str(ref.id), ref.type, ref.seq) for ref in refs] == [
        (event["id"], event["type"], event["seq"]) for event in events
    ]
    assert [ref.seq for ref in refs] == [2, 3, 4, 5]
    assert len({ref.id for ref in refs}) == 4


def test_events_carry_the_time_of_their_transaction(world: World, ada: int) -> None:
    world.clock.advance(1.5)
    change(world, ada, lambda tx: tx.emit(UserAction(user_id=1, action_type="a")))
    (envelope,) = world.journal(ada)
    assert json.loads(envelope)["ts"] == "2026-03-01T12:00:01.500Z"


def test_published_events_are_the_journaled_ones(world: World, ada: int) -> None:
    """The user's topic gets all events, monitors get the games with their numbers."""
    finish(world.hub.membership.watch())
    world.broadcaster.deliver_all()
    game = GameEvent(game_type=GameType.RPS, subtype="rps", bet=1, win=0, result={})
    change(world, ada, lambda tx: tx.emit(UserAction(user_id=1, action_type="a"), game))
    to_user, to_monitors = world.broadcaster.under_way
    assert isinstance(to_user, EventRange)
    assert to_user.user_id == ada
    assert [entry.envelope for entry in to_user.entries] == world.journal(ada)
    assert isinstance(to_monitors, GamesPlayed)
    (shown,) = to_monitors.games
    assert (shown.user_id, shown.seq) == (ada, 2)


def test_monitors_get_games_only(world: World, ada: int) -> None:
    """Other events are published to the user's topic only."""
    finish(world.hub.membership.watch())
    world.broadcaster.deliver_all()
    change(world, ada, lambda tx: tx.emit(UserAction(user_id=1, action_type="a")))
    assert [message.topic for message in world.broadcaster.under_way] == [f"user.{ada}"]


def test_games_are_published_only_while_a_monitor_watches(world: World, ada: int) -> None:
    """Without monitors on any node, games are not published for them."""
    game = GameEvent(game_type=GameType.RPS, subtype="rps", bet=1, win=0, result={})
    change(world, ada, lambda tx: tx.emit(game))
    assert [message.topic for message in world.broadcaster.under_way] == [f"user.{ada}"]


def test_unknown_user_is_refused(world: World) -> None:
    with pytest.raises(NotFound) as refusal:
        change(world, 10**6, lambda tx: None)
    assert refusal.value.error_code == "unknown_user"


def buy(tx: PlayerTransaction) -> Bought:
    """Charge ten gold."""
    tx.charge(10, LedgerReason.PURCHASE)
    return Bought(balance=tx.player.gold)


def test_repeat_is_answered_but_not_done_again(world: World, ada: int) -> None:
    """The answer is the first result, events included, although the balance has changed."""
    actor, command = Actor(user_id=ada, idempotency_key="k"), Buy()
    first = run(world, actor, command, buy)
    change(world, ada, lambda tx: tx.charge(100, LedgerReason.BET))
    published = len(world.broadcaster.under_way)
    assert run(world, actor, command, buy) == first
    assert isinstance(first.events[0], EventRef)
    assert player(world, ada).gold == STARTING_GOLD - 110
    assert len(world.broadcaster.under_way) == published


def test_repeat_may_have_events_of_its_own(world: World, ada: int) -> None:
    """They are journaled and published; the answer stays the first one."""
    actor, command = Actor(user_id=ada, idempotency_key="k"), Buy()
    first = run(world, actor, command, buy)
    world.broadcaster.under_way.clear()

    def on_repeat(tx: PlayerTransaction, result: Result) -> None:
        assert result == first
        tx.emit(UserAction(user_id=1, action_type="again"))

    assert run(world, actor, command, buy, on_repeat=on_repeat) == first
    data = {"user_id": 1, "action_type": "again", "action_data": {}}
    assert journal(world, ada)[-1] == ("user_action", data)
    assert len(world.broadcaster.under_way) == 1


@pytest.mark.parametrize(
    "other",
    [lambda command: evolve(command, amount=1), lambda command: Sell()],
    ids=["other amount", "other command"],
)
def test_key_belongs_to_one_request(
    world: World, ada: int, other: Callable[[Buy], Command]
) -> None:
    """Another request with the key is refused and does nothing."""
    actor, command = Actor(user_id=ada, idempotency_key="k"), Buy()
    run(world, actor, command, buy)
    with pytest.raises(InvalidInput) as conflict:
        run(world, actor, other(command), buy)
    assert conflict.value.error_code == "idempotency_key_reused"
    assert player(world, ada).gold == STARTING_GOLD - 10


def causes(world: World, user_id: int) -> list[str | None]:
    """Of all events."""
    return [json.loads(envelope).get("cause") for envelope in world.journal(user_id)]


def test_events_name_the_key_of_their_request(world: World, ada: int) -> None:
    """All events of the request, those of a repeat too; without a key there is no cause."""
    actor, command = Actor(user_id=ada, idempotency_key="k"), Buy()
    run(world, actor, command, buy)
    run(world, Actor(user_id=ada), command, buy)
    action = UserAction(user_id=ada, action_type="again")
    run(world, actor, command, buy, on_repeat=lambda tx, _: tx.emit(action))
    assert causes(world, ada) == ["k", "k", None, None, "k"]


def test_key_of_an_operator_is_no_cause(world: World, ada: int) -> None:
    """It could be equal to a key of the player, whose request is another one."""
    for operator_id in (None, 8, 9):
        actor = Actor(user_id=ada, idempotency_key="k", operator_id=operator_id)
        run(world, actor, Buy(), buy)
        run(world, actor, Buy(), buy)
    assert player(world, ada).gold == STARTING_GOLD - 30
    assert causes(world, ada) == ["k", "k", None, None, None, None]


def test_keys_of_users_do_not_meet(world: World, ada: int) -> None:
    """Two players may use the same key."""
    bob = world.add_player("bob")
    for user_id in (ada, bob):
        run(world, Actor(user_id=user_id, idempotency_key="k"), Buy(), buy)
    assert player(world, bob).gold == STARTING_GOLD - 10


@pytest.mark.parametrize("keys", [(None, None), ("a", "b")], ids=["no key", "two keys"])
def test_equal_requests_are_two(world: World, ada: int, keys: tuple[str | None, ...]) -> None:
    """Both happen, unless they share a key."""
    for key in keys:
        run(world, Actor(user_id=ada, idempotency_key=key), Buy(), buy)
    assert player(world, ada).gold == STARTING_GOLD - 20
    remembered = world.database.scalar(select(func.count()).select_from(idempotency))
    assert remembered == len([key for key in keys if key])


def test_refused_request_may_use_its_key_again(world: World, ada: int) -> None:
    """A refusal stores nothing."""

    def too_much(tx: PlayerTransaction) -> Bought:
        tx.charge(STARTING_GOLD + 1, LedgerReason.PURCHASE)
        return Bought(balance=0)

    actor, command = Actor(user_id=ada, idempotency_key="k"), Buy()
    with pytest.raises(InsufficientGold):
        run(world, actor, command, too_much)
    assert run(world, actor, command, buy).balance == STARTING_GOLD - 10


def test_fingerprint_tells_commands_apart() -> None:
    """Equal commands have equal fingerprints, other commands do not."""
    command = Buy(amount=5)
    assert command.fingerprint == Buy(amount=5).fingerprint
    others = [evolve(command, amount=6), Sell(amount=5)]
    assert command.fingerprint not in {other.fingerprint for other in others}
