"""Verify past rounds of provably fair games. Shares no code with the product.

Rotate the seeds, then: curl -sH "Authorization: Bearer $TOKEN" $URL/api/fairness/rounds |
python examples/verify_round.py. The recipe: docs/fairness.md.
"""

import hashlib
import hmac
import json
import sys

STOPS = ["lemon"] * 11 + ["cherry"] * 9 + ["bell"] * 6 + ["bar"] * 4 + ["seven"] * 2
THREE_OF_A_KIND = {"lemon": 5, "cherry": 10, "bell": 20, "bar": 50, "seven": 500}
HANDS = ["rock", "paper", "scissors"]
RARITIES = [(700, "common"), (930, "rare"), (990, "epic"), (1000, "legendary")]
ITEMS = {
    "common": ["copper_coin", "glass_bead", "paper_fan", "tin_whistle"],
    "rare": ["jade_ring", "silver_mirror", "silk_banner"],
    "epic": ["phoenix_feather", "storm_lantern"],
    "legendary": ["dragon_crown"],
}
VALUES = {"common": 20, "rare": 100, "epic": 400, "legendary": 1270}


class Draws:
    """The numbers of one round."""

    def __init__(self, server_seed: str, client_seed: str, nonce: int) -> None:
        self.key, self.prefix = server_seed.encode(), f"{client_seed}:{nonce}:"
        self.position = 0

    def word(self) -> int:
        """The next 64 bits: four from each HMAC."""
        cursor, part = divmod(self.position, 4)
        self.position += 1
        block = hmac.new(self.key, f"{self.prefix}{cursor}".encode(), hashlib.sha256).digest()
        return int.from_bytes(block[8 * part : 8 * part + 8], "big")

    def below(self, bound: int) -> int:
        """The next word that is below the largest multiple of the bound, modulo the bound."""
        while (word := self.word()) >= 2**64 // bound * bound:
            pass
        return word % bound


def slot(draws: Draws, bet: int) -> dict:
    """Three reels of 32 stops."""
    reels = [STOPS[draws.below(32)] for _ in range(3)]
    multiple = 1 if reels.count("cherry") == 2 else 0
    if len(set(reels)) == 1:
        multiple = THREE_OF_A_KIND[reels[0]]
    return {"reels": reels, "win": bet * multiple, "jackpot": reels == ["seven"] * 3}


def rps(draws: Draws, bet: int, choice: str) -> dict:
    """The hand of the house."""
    house = HANDS[draws.below(3)]
    outcome = ["draw", "win", "lose"][(HANDS.index(choice) - HANDS.index(house)) % 3]
    win = {"draw": bet, "win": bet * 195 // 100, "lose": 0}[outcome]
    return {"choice": choice, "house_choice": house, "outcome": outcome, "win": win}


def gacha(draws: Draws, pulls: int, pity: int) -> dict:
    """Rarity and item of each pull; the 50th without a legendary item is legendary."""
    items, before = [], pity
    for _ in range(pulls):
        rarity = "legendary"
        if pity < 49:
            number = draws.below(1000)
            rarity = next(name for below, name in RARITIES if number < below)
        names = ITEMS[rarity]
        item_id = names[draws.below(len(names))]
        items.append({"item_id": item_id, "rarity": rarity, "value": VALUES[rarity]})
        pity = 0 if rarity == "legendary" else pity + 1
    win = sum(item["value"] for item in items)
    return {"items": items, "win": win, "pity": pity, "pity_before": before}


def crash_point(draws: Draws) -> float:
    """97 / (1 - u) hundredths, rounded down, from 1.00 to 10,000.00."""
    hundredths = 97 * 2**52 // (2**52 - draws.below(2**52))
    return min(max(hundredths, 100), 1_000_000) / 100


def is_true(played: dict) -> bool:
    """Whether commitment and outcome of a round follow from its seeds."""
    fairness, result = played["fairness"], played["result"]
    seed = played["server_seed"]
    if hashlib.sha256(seed.encode()).hexdigest() != fairness["server_seed_hash"]:
        return False
    draws = Draws(seed, fairness["client_seed"], fairness["nonce"])
    game, bet = played["game_type"], played["bet"]
    if game == "slot":
        return slot(draws, bet) == result
    if game == "rps":
        return rps(draws, bet, result["choice"]) == result
    if game == "gacha":
        return gacha(draws, len(result["items"]), result["pity_before"]) == result
    return result["status"] == "open" or crash_point(draws) == result["crash_point"]


def main() -> None:
    """Print a line per round; exit with 1 if any is wrong."""
    wrong = 0
    for played in json.load(sys.stdin)["rounds"]:
        name = f"{played['game_type']}, event {played['seq']}"
        if not (played["fairness"] and played["server_seed"]):
            print(f"{name}: the server seed is not revealed")
        elif is_true(played):
            print(f"{name}: ok")
        else:
            print(f"{name}: WRONG")
            wrong = 1
    sys.exit(wrong)


main()
