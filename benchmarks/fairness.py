"""A million provably fair rounds of each game against the stated odds and returns.

A row is one comparison. `z` is its distance from the statement in standard deviations; for the
frequencies of all outcomes of a game it is that of the chi-square statistic. A fair game exceeds
4.5 in one of 100,000 rows.
"""

import math
import secrets
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping
from itertools import product

from attrs import frozen

from domain.fairness import FairDraws
from domain.games import crash, gacha, rps, slot
from domain.randomness import Randomness

LIMIT = 4.5
BET = 20
Draws = Callable[[int], Randomness]
"""The draws of the round with this nonce."""

Odds = Mapping[Hashable, float]


@frozen
class Row:
    """A statement, and what was seen of it."""

    game: str
    what: str
    stated: float
    seen: float
    z: float


@frozen
class Sample:
    """Outcomes of many rounds, and what each gold returned."""

    outcomes: Counter[Hashable]
    returns: list[float]


def compare(game: str, sample: Sample, odds: Odds, stated_return: float) -> Iterator[Row]:
    """Rows for each outcome, for all of them together, and for the return to the player."""
    total = sample.outcomes.total()
    assert math.isclose(sum(odds.values()), 1)
    assert set(sample.outcomes) <= set(odds)
    for outcome, chance in odds.items():
        seen = sample.outcomes[outcome]
        deviation = math.sqrt(total * chance * (1 - chance))
        yield Row(game, str(outcome), chance, seen / total, (seen - total * chance) / deviation)
    statistic = sum(
        (sample.outcomes[outcome] - total * chance) ** 2 / (total * chance)
        for outcome, chance in odds.items()
    )
    degrees = len(odds) - 1
    yield Row(game, "chi-square", degrees, statistic, _normal(statistic, degrees))
    rounds = len(sample.returns)
    mean = sum(sample.returns) / rounds
    variance = sum((value - mean) ** 2 for value in sample.returns) / rounds
    yield Row(
        game, "return", stated_return, mean, (mean - stated_return) / math.sqrt(variance / rounds)
    )


def _normal(statistic: float, degrees: int) -> float:
    """Wilson and Hilferty's approximation of a chi-square statistic by a normal one."""
    spread = 2 / (9 * degrees)
    return float(((statistic / degrees) ** (1 / 3) - (1 - spread)) / math.sqrt(spread))


def play_slot(draws: Draws, rounds: int) -> Sample:
    """Outcomes: the multiple of the bet."""
    multiples = [slot.spin(1, draws(nonce)).win for nonce in range(rounds)]
    return Sample(Counter(multiples), [float(multiple) for multiple in multiples])


def slot_odds() -> Odds:
    """From the stops of the reels."""
    odds: Counter[Hashable] = Counter()
    for one, two, three in product(slot.STOPS, repeat=3):
        chance = math.prod(slot.STOPS[symbol] / slot.REEL_SIZE for symbol in (one, two, three))
        odds[slot.multiplier((one, two, three))] += chance  # type: ignore[assignment]
    return odds


def play_rps(draws: Draws, rounds: int) -> Sample:
    """Outcomes: the hand of the house."""
    played = [rps.play(rps.Hand.ROCK, BET, draws(nonce)) for nonce in range(rounds)]
    return Sample(Counter(r.house_choice for r in played), [r.win / BET for r in played])


def gacha_player(pull_count: int) -> Callable[[Draws, int], Sample]:
    """Outcomes: the items of pulls that the pity counter does not decide."""

    def play(draws: Draws, rounds: int) -> Sample:
        outcomes: Counter[Hashable] = Counter()
        returns, pity = [], 0
        for nonce in range(rounds):
            pulls = gacha.pull(pull_count, pity, draws(nonce))
            for item in pulls.items:
                if pity < gacha.PITY - 1:
                    outcomes[item.item_id] += 1
                pity = 0 if item.rarity is gacha.Rarity.LEGENDARY else pity + 1
            returns.append(pulls.win / pulls.cost)
        return Sample(outcomes, returns)

    return play


def gacha_odds() -> Odds:
    """The chance of a rarity is shared by its items."""
    return {
        name: gacha.CHANCES[rarity] / 1000 / len(names)
        for rarity, names in gacha.ITEMS.items()
        for name in names
    }


CRASH_STEPS = (100, 101, 150, 200, 300, 500, 1_000, 10_000, 100_000)
"""Crash points in hundredths, the least of each outcome."""


def play_crash(draws: Draws, rounds: int) -> Sample:
    """Outcomes: the step that the crash point reached. The return is that of a cash-out at 2.00."""
    points = [crash.draw_crash_point(draws(nonce)) for nonce in range(rounds)]
    reached = Counter[Hashable](max(s for s in CRASH_STEPS if s <= point) for point in points)
    return Sample(reached, [2.0 if point >= 200 else 0.0 for point in points])


def crash_odds() -> Odds:
    """P(crash point >= m) = 0.97 / m."""
    least = [1.0, *(crash.RETURN_PERCENT / step for step in CRASH_STEPS[1:]), 0.0]
    return {step: least[i] - least[i + 1] for i, step in enumerate(CRASH_STEPS)}


@frozen
class Game:
    """How to play a game, and what is stated about it."""

    name: str
    play: Callable[[Draws, int], Sample]
    odds: Odds
    stated_return: float
    share: int = 1
    """One of this many rounds is played."""


THIRDS: Odds = dict.fromkeys(rps.Hand, 1 / 3)
GAMES = (
    Game("slot", play_slot, slot_odds(), 31_054 / 32_768),
    Game("rps", play_rps, THIRDS, 59 / 60),
    Game("gacha", gacha_player(1), gacha_odds(), 0.9221),
    Game("gacha x10", gacha_player(10), gacha_odds(), 0.9706, share=10),
    Game("crash", play_crash, crash_odds(), 0.97),
)


def rows(draws: Draws, rounds: int) -> Iterator[Row]:
    """All comparisons, game by game."""
    for game in GAMES:
        sample = game.play(draws, rounds // game.share)
        yield from compare(game.name, sample, game.odds, game.stated_return)


def fair(server_seed: str, client_seed: str) -> Draws:
    """The draws of the product."""
    return lambda nonce: FairDraws(server_seed, client_seed, nonce)


def main() -> None:
    """Print the rows; exit with 1 if one is beyond the limit."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1_000_000)
    parser.add_argument("--server-seed", default=secrets.token_hex(32))
    parser.add_argument("--client-seed", default="benchmark")
    options = parser.parse_args()
    print(f"server seed {options.server_seed}, client seed {options.client_seed}")
    print(f"{'game':<10} {'what':<16} {'stated':>10} {'seen':>10} {'z':>6}")
    beyond = False
    for row in rows(fair(options.server_seed, options.client_seed), options.rounds):
        print(f"{row.game:<10} {row.what:<16} {row.stated:>10.6f} {row.seen:>10.6f} {row.z:>6.2f}")
        beyond |= abs(row.z) > LIMIT
    sys.exit(beyond)


if __name__ == "__main__":
    main()
