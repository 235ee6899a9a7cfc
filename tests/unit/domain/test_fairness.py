"""Provably fair draws: the recipe, its test vectors, commitments and derived seeds."""

import hmac
from collections import Counter
from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.fairness import (
    FairDraws,
    ServerSeeds,
    UnknownSeedSecret,
    check_client_seed,
    commitment,
)
from domain.games import crash, gacha, rps, slot
from tests.support.documentation import document

SERVER_SEED = "872903d258573b78f806b13f3eed945f15c1fbf205f53aa8806a29375b0b0195"
CLIENT_SEED = "lucky"
SECRET = "a secret of thirty-two bytes or more"
OTHER = "another secret of thirty-two bytes.."
NONCES = st.integers(0, 10**9)


def words(nonce: int) -> Iterator[int]:
    """The stream of a round by the recipe, without code of the product."""
    cursor = 0
    while True:
        message = f"{CLIENT_SEED}:{nonce}:{cursor}".encode()
        block = hmac.new(SERVER_SEED.encode(), message, "sha256").digest()
        yield from (int.from_bytes(block[start : start + 8], "big") for start in (0, 8, 16, 24))
        cursor += 1


def draws(nonce: int = 0) -> FairDraws:
    return FairDraws(SERVER_SEED, CLIENT_SEED, nonce)


@given(NONCES)
def test_draws_take_the_words_one_by_one(nonce: int) -> None:
    """Also beyond the first block of four."""
    source = draws(nonce)
    assert list(islice(words(nonce), 11)) == [source.below(2**64) for _ in range(11)]


@given(NONCES, st.lists(st.integers(1, 2**64), min_size=1, max_size=12))
def test_words_beyond_the_largest_multiple_are_rejected(nonce: int, bounds: list[int]) -> None:
    """The others give their remainder, in the order of the stream."""
    stream, source = words(nonce), draws(nonce)
    for bound in bounds:
        accepted = next(word for word in stream if word < 2**64 // bound * bound)
        assert accepted % bound == source.below(bound)


def test_no_remainder_is_preferred() -> None:
    """With a bound of three quarters of the range, a modulo alone would double one third."""
    bound = 3 * 2**62
    source = draws()
    thirds = Counter(source.below(bound) // 2**62 for _ in range(3_000))
    assert all(900 < thirds[third] < 1_100 for third in range(3))


def test_a_round_knows_what_verifies_it() -> None:
    """The hash of the server seed instead of the seed."""
    fairness = draws(7).fairness
    assert (fairness.client_seed, fairness.nonce) == (CLIENT_SEED, 7)
    assert fairness.server_seed_hash == commitment(SERVER_SEED)
    assert commitment(SERVER_SEED)[:16] == "3b5b0ffe79c71629"


VECTORS = document("docs/fairness.md").table("nonce", "first word", "slot", "rps", "gacha", "crash")


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector[0])
def test_the_documented_vectors_are_true(vector: list[str]) -> None:
    """The first word, and the outcome in every game."""
    nonce, word, reels, hand, item, point = vector
    number = int(nonce)
    assert word.strip("`") == f"{draws(number).below(2**64):016x}"
    assert reels.split() == list(slot.spin(1, draws(number)).reels)
    assert hand == rps.play(rps.Hand.ROCK, 1, draws(number)).house_choice
    assert item == gacha.pull(1, 0, draws(number)).items[0].item_id
    assert float(point) == crash.draw_crash_point(draws(number)) / 100


def test_there_are_vectors() -> None:
    assert len(VECTORS) >= 5


@pytest.mark.parametrize("client_seed", ["a", "Z.9_-", "x" * 64])
def test_client_seeds_may_be_chosen(client_seed: str) -> None:
    """Letters, digits and three marks."""
    assert client_seed == check_client_seed(client_seed)


@pytest.mark.parametrize("client_seed", ["", "x" * 65, "a:1", "a b", "ä", "a\n", "a\x00"])
def test_ambiguous_client_seeds_are_refused(client_seed: str) -> None:
    """A colon separates the parts of the message."""
    with pytest.raises(InvalidInput) as refused:
        check_client_seed(client_seed)
    assert refused.value.field == "client_seed"


@pytest.mark.parametrize("secret", ["", SECRET], ids=["no secret", "a secret"])
def test_server_seeds_differ_by_player_and_salt(secret: str) -> None:
    """They are 64 hexadecimal digits, and the same each time."""
    seeds = ServerSeeds([secret])
    one, other = seeds.salt("random"), seeds.salt("another")
    found = {seeds.server_seed(user, salt) for user in (1, 2) for salt in (one, other)}
    assert len(found) == 4
    assert found == {seeds.server_seed(user, salt) for user in (1, 2) for salt in (one, other)}
    assert all(len(bytes.fromhex(seed)) == 32 for seed in found)


def test_server_seeds_depend_on_the_secret() -> None:
    """The salt does not tell them, and does not contain the secret."""
    salt = ServerSeeds([SECRET]).salt("random")
    assert SECRET not in salt
    others = ServerSeeds([OTHER, ""])
    with pytest.raises(UnknownSeedSecret):
        others.server_seed(1, salt)


def test_a_former_secret_serves_the_salts_made_with_it() -> None:
    """New salts are made with the first secret."""
    before, after = ServerSeeds([SECRET]), ServerSeeds([OTHER, SECRET])
    salt = before.salt("random")
    assert before.server_seed(1, salt) == after.server_seed(1, salt)
    assert after.salt("random") == ServerSeeds([OTHER]).salt("random")
