"""After any sequence of use cases the books balance (promise 1) and events match the state."""

import json
from contextlib import suppress
from functools import partial
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import func, select

from adapters.outbound.sql.tables import ledger
from application.ports.storage.journal import Head
from application.ports.storage.stores import Stores
from application.transactions.command import Actor, Result
from application.use_cases.fairness.rotate_seeds import (
    ChangeClientSeedCommand,
    RotateSeedsCommand,
)
from application.use_cases.games.bet_crash import BetCrashCommand
from application.use_cases.games.cash_out_crash import CashOutCommand
from application.use_cases.games.play_rps import PlayRpsCommand
from application.use_cases.games.pull_gacha import PullGachaCommand
from application.use_cases.games.spin_slot import SpinCommand
from application.use_cases.players.buy_product import BuyCommand
from application.use_cases.players.claim_streak import ClaimStreakCommand
from application.use_cases.players.update_profile import UpdateProfileCommand
from application.use_cases.users.adjust_balance import AdjustBalanceCommand
from domain.account import Role
from domain.errors import DomainError
from domain.games.rps import Hand
from domain.player import Player
from domain.shop import PRODUCTS
from tests.support.stepping import finish
from tests.support.view import View
from tests.support.world import World

bets = st.one_of(st.integers(1, 300), st.sampled_from([-1, 0, 10_001, 2**63]))
keys = st.one_of(st.none(), st.sampled_from(["a", "b", "c"]))


class Books(RuleBasedStateMachine):
    """Two players who use all use cases."""

    @initialize(seed=st.integers(0, 100))
    def start(self, seed: int) -> None:
        self.world = World(seed)
        self.users = [self.world.add_player(name) for name in ("ada", "bob")]
        self.views = {user: View(user, self.world.state(user)) for user in self.users}
        self.open_rounds: list[tuple[int, str]] = []
        self.first_results: dict[tuple[int, str], tuple[object, Result]] = {}

    @rule(user=st.integers(0, 1), bet=bets, key=keys)
    def spin(self, user: int, bet: int, key: str | None) -> None:
        self._do("spin_slot", SpinCommand, user, key, bet_amount=bet)

    @rule(user=st.integers(0, 1), bet=bets, hand=st.sampled_from(Hand), key=keys)
    def rps(self, user: int, bet: int, hand: Hand, key: str | None) -> None:
        self._do("play_rps", PlayRpsCommand, user, key, choice=hand, bet_amount=bet)

    @rule(user=st.integers(0, 1), count=st.sampled_from([0, 1, 2, 10]), key=keys)
    def gacha(self, user: int, count: int, key: str | None) -> None:
        self._do("pull_gacha", PullGachaCommand, user, key, pull_count=count)

    @rule(
        user=st.integers(0, 1), bet=bets, auto=st.one_of(st.none(), st.integers(90, 400)), key=keys
    )
    def crash_bet(self, user: int, bet: int, auto: int | None, key: str | None) -> None:
        multiplier = None if auto is None else auto / 100
        result = self._do(
            "bet_crash",
            BetCrashCommand,
            user,
            key,
            bet_amount=bet,
            auto_cashout_multiplier=multiplier,
        )
        if result is not None:
            self.open_rounds.append((user, result.round_id))

    @rule(data=st.data(), stranger=st.booleans(), key=keys)
    def cash_out(self, data: st.DataObject, stranger: bool, key: str | None) -> None:
        """Cash out a round, possibly a settled one or another player's."""
        if self.open_rounds:
            user, round_id = data.draw(st.sampled_from(self.open_rounds))
            caller = 1 - user if stranger else user
            self._do("cash_out_crash", CashOutCommand, caller, key, round_id=round_id)

    @rule(seconds=st.sampled_from([1, 20, 200, 3600 * 13, 86_400 * 2]))
    def time_passes(self, seconds: int) -> None:
        self.world.clock.advance(seconds)

    @rule()
    def settle(self) -> None:
        finish(self.world.container.crash_settlement().execute())

    @rule(
        user=st.integers(0, 1),
        product=st.sampled_from([*PRODUCTS, "nothing"]),
        quantity=st.sampled_from([0, 1, 2, 101]),
        key=keys,
    )
    def buy(self, user: int, product: str, quantity: int, key: str | None) -> None:
        self._do("buy_product", BuyCommand, user, key, product_id=product, quantity=quantity)

    @rule(user=st.integers(0, 1), name=st.text(max_size=31), key=keys)
    def rename(self, user: int, name: str, key: str | None) -> None:
        self._do("update_profile", UpdateProfileCommand, user, key, nickname=name)

    @rule(user=st.integers(0, 1), key=keys)
    def claim(self, user: int, key: str | None) -> None:
        self._do("claim_streak", ClaimStreakCommand, user, key)

    @rule(
        user=st.integers(0, 1),
        delta=st.sampled_from([-5_000, -100, 0, 1, 700, 2**53 - 1]),
        note=st.sampled_from(["a reason", " "]),
        key=keys,
    )
    def adjust(self, user: int, delta: int, note: str, key: str | None) -> None:
        """Adjust as an operator, whose keys are apart from those of the player."""
        operator = self.world.caller(99, Role.ADMIN)
        command = AdjustBalanceCommand(delta=delta, note=note)
        execute = self.world.container.adjust_balance().execute
        with suppress(DomainError):
            result = finish(execute(operator, self.users[user], command, key))
            if key is not None:
                first = self.first_results.setdefault((user, f"operator {key}"), (command, result))
                assert first == (command, result)

    @rule(user=st.integers(0, 1), seed=st.sampled_from([None, "mine", "a:b"]), key=keys)
    def rotate(self, user: int, seed: str | None, key: str | None) -> None:
        if seed is None:
            self._do("rotate_seeds", RotateSeedsCommand, user, key)
        else:
            self._do("rotate_seeds", ChangeClientSeedCommand, user, key, client_seed=seed)

    def _do(
        self, name: str, command_type: Any, user: int, key: str | None, **fields: object
    ) -> Any:
        """Run a use case; returns the result, or None for a refusal. A repeat must return the first
        result."""
        actor = Actor(user_id=self.users[user], idempotency_key=key)
        command = command_type(**fields)
        try:
            result = finish(getattr(self.world.container, name)().execute(actor, command))
        except DomainError:
            return None
        if key is not None:
            first = self.first_results.setdefault((user, key), (command, result))
            assert first == (command, result)
        self._answer_names_its_events(result, actor.user_id)
        return result

    def _answer_names_its_events(self, result: Result, user_id: int) -> None:
        journal = {event["seq"]: event for event in map(json.loads, self.world.journal(user_id))}
        for ref in result.events:
            assert journal[ref.seq]["id"] == str(ref.id)
            assert journal[ref.seq]["type"] == ref.type

    @invariant()
    def books_are_kept(self) -> None:
        for user_id in getattr(self, "users", []):
            player = self.world.database.now(partial(_player, user_id))
            assert player.gold >= 0
            assert self._ledger_sum(user_id) == player.gold

    @invariant()
    def snapshot_and_events_add_up(self) -> None:
        """The journal has no gap (`View.see`), and folding it gives the present state."""
        for user_id, view in getattr(self, "views", {}).items():
            for envelope in self.world.journal(user_id)[view.seq :]:
                view.see(json.loads(envelope))
            view.expect(self.world.state(user_id))
            head = self.world.database.now(partial(_head, user_id))
            assert view.seq == head.seq

    def teardown(self) -> None:
        """The nonces of each server seed have no gap."""
        for user_id in getattr(self, "users", []):
            nonces: dict[str, list[int]] = {}
            for event in map(json.loads, self.world.journal(user_id)):
                facts = event["data"].get("fairness")
                if facts:
                    nonces.setdefault(facts["server_seed_hash"], []).append(facts["nonce"])
            for taken in nonces.values():
                assert set(taken) == set(range(len(set(taken))))

    def _ledger_sum(self, user_id: int) -> int:
        return self.world.database.scalar(
            select(func.sum(ledger.c.delta)).where(ledger.c.user_id == user_id)
        )


def _player(user_id: int, stores: Stores) -> Player:
    return stores.players.get(user_id)


def _head(user_id: int, stores: Stores) -> Head:
    return stores.journal.head(user_id)


TestBooks = Books.TestCase
TestBooks.settings = settings(stateful_step_count=40)
