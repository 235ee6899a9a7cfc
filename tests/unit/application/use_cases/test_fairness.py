"""Seeds and nonces of rounds: commitments, rotation, verification."""

import json
from typing import Any, TypeVar

import pytest
from attrs import evolve

from application.ports.storage.stores import Stores
from application.transactions.command import Actor, Command, Result
from application.use_cases.fairness.read_fairness import NextRound, PastRound
from application.use_cases.fairness.rotate_seeds import (
    ChangeClientSeedCommand,
    RotateSeedsCommand,
    RotateSeedsResult,
)
from application.use_cases.fairness.verify_round import VerifyRoundCommand
from application.use_cases.games.bet_crash import BetCrashCommand
from application.use_cases.games.cash_out_crash import CashOutCommand
from application.use_cases.games.crash_rounds import CrashResult, CrashStatus
from application.use_cases.games.play_rps import PlayRpsCommand
from application.use_cases.games.pull_gacha import PullGachaCommand
from application.use_cases.games.spin_slot import SpinCommand
from domain.errors import Conflict, InsufficientGold, InvalidInput
from domain.fairness import FairDraws, Fairness, commitment
from domain.games import crash
from domain.games.crash import MAX_OPEN_ROUNDS
from domain.games.rps import Hand
from tests.support.stepping import finish
from tests.support.world import World

R = TypeVar("R", bound=Result)
SPIN = SpinCommand(bet_amount=1)
LONGEST_FLIGHT_S = 154


class Player:
    """A player of a world, and the calls about fairness."""

    def __init__(self, world: World, name: str = "ada") -> None:
        self.world = world
        self.container = world.container
        self.user_id = world.add_player(name)

    def do(self, name: str, command: Command, key: str | None = None) -> Any:
        actor = Actor(user_id=self.user_id, idempotency_key=key)
        return finish(getattr(self.container, name)().execute(actor, command))

    def spin(self, key: str | None = None) -> Fairness:
        facts: Fairness = self.do("spin_slot", SPIN, key).fairness
        return facts

    def fly(self) -> CrashResult:
        """Open a crash round that does not crash at once."""
        while True:
            opened: CrashResult = self.do("bet_crash", BetCrashCommand(bet_amount=1))
            if self.crashes_at(opened.round_id) > self.now_ms:
                return opened
            finish(self.container.crash_settlement().execute())

    def crashes_at(self, round_id: str) -> int:
        return self.world.database.now(
            lambda stores: stores.crash_rounds.get(self.user_id, round_id).crashes_at
        )

    @property
    def now_ms(self) -> int:
        return int(self.world.clock.now().timestamp() * 1000)

    def rotate(self, key: str | None = None) -> RotateSeedsResult:
        rotated: RotateSeedsResult = self.do("rotate_seeds", RotateSeedsCommand(), key)
        return rotated

    def next_round(self) -> NextRound:
        return finish(self.container.read_fairness().next_round(self.user_id))

    def rounds(self, before: int | None = None, limit: int = 100) -> list[PastRound]:
        page = finish(self.container.read_fairness().rounds(self.user_id, before, limit))
        return list(page.rounds)

    def event(self) -> dict[str, Any]:
        """The data of the latest game event."""
        events = [json.loads(envelope) for envelope in self.world.journal(self.user_id)]
        data: dict[str, Any] = [e["data"] for e in events if e["type"] == "game_event"][-1]
        return data


@pytest.fixture
def ada() -> Player:
    return Player(World(seed=1))


def test_the_commitment_is_known_before_the_round(ada: Player) -> None:
    """The next round has exactly the facts that were shown, in its answer and in its event."""
    shown = ada.next_round()
    facts = ada.spin()
    assert facts == Fairness(
        server_seed_hash=shown.server_seed_hash, client_seed=shown.client_seed, nonce=0
    )
    assert ada.event()["fairness"] == {
        "server_seed_hash": shown.server_seed_hash,
        "client_seed": shown.client_seed,
        "nonce": 0,
    }


def test_asking_does_not_change_the_seeds(ada: Player) -> None:
    """The first question makes them, and they are unique per player."""
    shown = ada.next_round()
    assert shown == ada.next_round()
    assert shown.server_seed_hash != shown.next_server_seed_hash
    bob = Player(ada.world, "bob").next_round()
    hashes = {shown.server_seed_hash, shown.next_server_seed_hash}
    assert hashes.isdisjoint({bob.server_seed_hash, bob.next_server_seed_hash})
    assert shown.client_seed != bob.client_seed


def test_nonces_count_the_rounds_of_all_games(ada: Player) -> None:
    """Each committed round takes one, without a gap."""
    commands = [
        ("spin_slot", SPIN),
        ("play_rps", PlayRpsCommand(choice=Hand.PAPER, bet_amount=1)),
        ("pull_gacha", PullGachaCommand(pull_count=1)),
        ("bet_crash", BetCrashCommand(bet_amount=1, auto_cashout_multiplier=1.5)),
        ("bet_crash", BetCrashCommand(bet_amount=1)),
        ("spin_slot", SPIN),
    ]
    facts = [ada.do(name, command).fairness for name, command in commands]
    assert [fact.nonce for fact in facts] == list(range(len(commands)))
    assert len({fact.server_seed_hash for fact in facts}) == 1
    assert ada.next_round().nonce == len(commands)


def test_a_refused_round_takes_no_nonce(ada: Player) -> None:
    """It is rolled back with the round; the next one gets it."""
    ada.spin()
    with pytest.raises(InsufficientGold):
        ada.do("spin_slot", SpinCommand(bet_amount=10_000))
    with pytest.raises(InvalidInput):
        ada.do("spin_slot", SpinCommand(bet_amount=0))
    assert ada.spin().nonce == 1


def test_a_repeated_request_takes_no_nonce(ada: Player) -> None:
    """It has the facts of the first round, also after a rotation."""
    first = ada.spin(key="k")
    assert ada.spin(key="k") == first
    assert ada.spin().nonce == 1
    rotated = ada.rotate(key="r")
    assert ada.spin(key="k") == first
    assert ada.rotate(key="r") == rotated
    assert ada.next_round().nonce == 0


def test_rotation_reveals_the_seed_that_was_committed_to(ada: Player) -> None:
    """The next seed is the announced one, at nonce 0, and is not revealed."""
    shown, facts = ada.next_round(), ada.spin()
    rotated = ada.rotate()
    assert commitment(rotated.revealed_server_seed) == facts.server_seed_hash
    assert rotated.revealed_server_seed_hash == facts.server_seed_hash
    assert (rotated.revealed_rounds, rotated.nonce) == (1, 0)
    assert rotated.server_seed_hash == shown.next_server_seed_hash
    assert rotated.client_seed == rotated.revealed_client_seed == shown.client_seed
    following = ada.next_round()
    assert following.server_seed_hash == rotated.server_seed_hash
    assert following.next_server_seed_hash == rotated.next_server_seed_hash
    assert ada.spin().server_seed_hash == rotated.server_seed_hash
    third = ada.rotate()
    assert commitment(third.revealed_server_seed) == rotated.server_seed_hash
    assert third.server_seed_hash == rotated.next_server_seed_hash


def test_another_client_seed_comes_with_another_server_seed(ada: Player) -> None:
    """The old seed is revealed, and the next round uses the chosen client seed."""
    ada.spin()
    rotated = ada.do("rotate_seeds", ChangeClientSeedCommand(client_seed="my-choice"))
    assert rotated.revealed_rounds == 1
    facts = ada.spin()
    assert facts.client_seed == "my-choice"
    assert facts.server_seed_hash == rotated.server_seed_hash != rotated.revealed_server_seed_hash


def test_a_bad_client_seed_rotates_nothing(ada: Player) -> None:
    shown = ada.next_round()
    with pytest.raises(InvalidInput):
        ada.do("rotate_seeds", ChangeClientSeedCommand(client_seed="a:b"))
    assert ada.next_round() == shown


def test_seeds_do_not_rotate_while_a_round_is_open(ada: Player) -> None:
    """Its crash point follows from the server seed; afterwards the seed is revealed and tells the
    truth."""
    opened = ada.fly()
    with pytest.raises(Conflict) as refused:
        ada.rotate()
    assert refused.value.error_code == "open_rounds"
    cashed = ada.do("cash_out_crash", CashOutCommand(round_id=opened.round_id))
    assert cashed.fairness == opened.fairness
    rotated = ada.rotate()
    draws = FairDraws(
        rotated.revealed_server_seed, cashed.fairness.client_seed, cashed.fairness.nonce
    )
    assert crash.draw_crash_point(draws) / 100 == cashed.crash_point


def test_rotation_settles_what_has_crashed(ada: Player) -> None:
    """A player need not wait for the job, and the event has the facts of its round."""
    opened = ada.fly()
    ada.world.clock.advance(LONGEST_FLIGHT_S)
    ada.rotate()
    event = ada.event()
    assert event["subtype"] == "crash_lost"
    assert opened.fairness is not None
    assert event["fairness"]["nonce"] == opened.fairness.nonce
    assert event["fairness"]["server_seed_hash"] == opened.fairness.server_seed_hash


def test_past_rounds_have_what_verifies_them(ada: Player) -> None:
    """`server_seed` after the rotation; any of them can be recomputed, newest first."""
    commands = [
        ("spin_slot", SpinCommand(bet_amount=3)),
        ("play_rps", PlayRpsCommand(choice=Hand.PAPER, bet_amount=20)),
        ("pull_gacha", PullGachaCommand(pull_count=1)),
        ("bet_crash", BetCrashCommand(bet_amount=1, auto_cashout_multiplier=1.5)),
    ]
    for name, command in commands:
        ada.do(name, command)
    assert {past.server_seed for past in ada.rounds()} == {None}
    rotated = ada.rotate()
    ada.spin()
    latest, *past = ada.rounds()
    assert latest.server_seed is None
    assert {round_.server_seed for round_ in past} == {rotated.revealed_server_seed}
    assert [round_.fairness and round_.fairness.nonce for round_ in past] == [3, 2, 1, 0]
    for round_ in past:
        verified = finish(ada.container.verify_round().execute(verification(round_)))
        result = dict(verified.result)
        assert json.loads(json.dumps(result)) == {
            name: round_.result[name] for name in verified.result
        }
        assert round_.fairness is not None
        assert verified.server_seed_hash == round_.fairness.server_seed_hash


def verification(past: PastRound) -> VerifyRoundCommand:
    """The command that recomputes a round."""
    assert past.server_seed is not None
    assert past.fairness is not None
    return VerifyRoundCommand(
        game_type=past.game_type,
        server_seed=past.server_seed,
        client_seed=past.fairness.client_seed,
        nonce=past.fairness.nonce,
        bet_amount=past.bet,
        choice=Hand(past.result.get("choice", "rock")),
        pity_before=past.result.get("pity_before", 0),
    )


def test_past_rounds_are_paged(ada: Player) -> None:
    """Each once; other events are left out."""
    for _ in range(5):
        ada.spin()
    first = ada.rounds(limit=2)
    second = ada.rounds(before=first[-1].seq, limit=2)
    third = ada.rounds(before=second[-1].seq, limit=2)
    nonces = [r.fairness and r.fairness.nonce for r in (*first, *second, *third)]
    assert nonces == [4, 3, 2, 1, 0]


def test_rounds_from_before_there_were_seeds_have_no_facts(ada: Player) -> None:
    """An open crash round without a nonce is settled like any other."""
    opened = ada.fly()

    def forget(stores: Stores) -> None:
        old = stores.crash_rounds.get(ada.user_id, opened.round_id)
        stores.crash_rounds.save(ada.user_id, evolve(old, nonce=None))

    finish(ada.world.database.write(forget))
    cashed = ada.do("cash_out_crash", CashOutCommand(round_id=opened.round_id))
    assert cashed.status is CrashStatus.CASHED_OUT
    assert cashed.fairness is None
    assert "fairness" not in ada.event()
    assert ada.rounds()[0].fairness is None


def test_a_renewed_epoch_gives_everybody_new_seeds(ada: Player) -> None:
    """Those of a restored backup may be revealed already; the client seed stays."""
    ada.do("rotate_seeds", ChangeClientSeedCommand(client_seed="mine"))
    opened, before = ada.fly(), ada.next_round()
    finish(ada.container.renew_epoch().execute())
    after = ada.next_round()
    hashes = {before.server_seed_hash, before.next_server_seed_hash}
    assert hashes.isdisjoint({after.server_seed_hash, after.next_server_seed_hash})
    assert (after.client_seed, after.nonce) == ("mine", 0)
    cashed = ada.do("cash_out_crash", CashOutCommand(round_id=opened.round_id))
    assert cashed.fairness is None


def test_open_crash_rounds_are_limited(ada: Player) -> None:
    """Rounds that have crashed do not count, and a bet with an automatic cash-out needs no room."""
    for _ in range(MAX_OPEN_ROUNDS):
        ada.fly()
    with pytest.raises(Conflict) as refused:
        ada.fly()
    assert refused.value.error_code == "too_many_open_rounds"
    state = ada.world.state(ada.user_id)
    assert len(state["open_rounds"]) == MAX_OPEN_ROUNDS
    ada.do("bet_crash", BetCrashCommand(bet_amount=1, auto_cashout_multiplier=1.01))
    ada.world.clock.advance(LONGEST_FLIGHT_S)
    ada.do("bet_crash", BetCrashCommand(bet_amount=1))
    assert len(ada.world.state(ada.user_id)["open_rounds"]) == 1
