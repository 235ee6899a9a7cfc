"""Players: wallet, level, tier, nickname."""

import unicodedata

import pytest
from attrs import evolve
from hypothesis import given, reject
from hypothesis import strategies as st

from domain.errors import Conflict, InsufficientGold, InvalidInput
from domain.player import MAX_AMOUNT, Player, Tier, check_nickname

AMOUNTS = st.integers(0, 2_000) | st.integers(0, MAX_AMOUNT)
NICKNAMES = st.text(
    st.characters(exclude_categories=["C"]) | st.sampled_from(" \u00a0\u0301\u0308A\u1100\u1161"),
    min_size=2,
    max_size=32,
)


def a_player(gold: int = 0, exp: int = 0, total_spent: int = 0) -> Player:
    return Player(user_id=1, nickname="Nick", gold=gold, exp=exp, total_spent=total_spent)


def test_a_player_has_nothing_unless_stated() -> None:
    """All amounts are 0 by default; a sign-up grants gold explicitly."""
    expected = Player(
        user_id=1,
        nickname="Nick",
        gold=0,
        exp=0,
        total_spent=0,
        gacha_pity=0,
        marathon_week="",
        marathon_plays=0,
    )
    assert expected == Player(user_id=1, nickname="Nick")


def test_the_largest_amount_is_what_javascript_reads_exactly() -> None:
    """It is `Number.MAX_SAFE_INTEGER`."""
    assert MAX_AMOUNT == 9_007_199_254_740_991


@pytest.mark.parametrize(
    ("exp", "level"), [(0, 1), (499, 1), (500, 2), (999, 2), (1_000, 3), (50_000, 101)]
)
def test_the_level_rises_every_500_exp(exp: int, level: int) -> None:
    """It starts at one."""
    assert level == a_player(exp=exp).level


@pytest.mark.parametrize(
    ("total_spent", "tier"),
    [
        (0, Tier.BRONZE),
        (999, Tier.BRONZE),
        (1_000, Tier.SILVER),
        (4_999, Tier.SILVER),
        (5_000, Tier.GOLD),
        (19_999, Tier.GOLD),
        (20_000, Tier.PLATINUM),
        (MAX_AMOUNT, Tier.PLATINUM),
    ],
)
def test_the_tier_follows_from_the_gold_spent(total_spent: int, tier: Tier) -> None:
    """Each tier begins at its own sum."""
    assert tier is a_player(total_spent=total_spent).tier


def test_credit_is_added_to_the_gold() -> None:
    """Other fields and the original player are unchanged."""
    player = a_player(gold=10, exp=7, total_spent=3)
    assert a_player(gold=15, exp=7, total_spent=3) == player.credited(5)
    assert player.gold == 10


def test_a_wallet_can_be_filled_to_the_brim() -> None:
    """The largest amount itself is allowed."""
    assert a_player(gold=MAX_AMOUNT - 5).credited(5).gold == MAX_AMOUNT


def test_a_wallet_takes_no_more_than_a_client_can_read() -> None:
    """One gold beyond the largest amount is refused."""
    with pytest.raises(Conflict) as refused:
        a_player(gold=MAX_AMOUNT - 5).credited(6)
    assert refused.value.error_code == "wallet_full"


def test_a_charge_is_taken_from_the_gold() -> None:
    """Other fields and the original player are unchanged."""
    player = a_player(gold=10, exp=7, total_spent=3)
    assert a_player(gold=4, exp=7, total_spent=3) == player.charged(6)
    assert player.gold == 10


def test_the_last_gold_can_be_spent() -> None:
    """A wallet may be empty."""
    assert a_player(gold=10).charged(10).gold == 0


def test_what_is_not_there_cannot_be_charged() -> None:
    """The message has the amounts needed and available."""
    with pytest.raises(InsufficientGold, match="11 gold needed, 10 available") as refused:
        a_player(gold=10).charged(11)
    assert refused.value.error_code == "insufficient_gold"


@given(AMOUNTS, st.lists(st.tuples(st.sampled_from(["credit", "charge"]), AMOUNTS)))
def test_no_sequence_of_changes_leaves_the_bounds(
    gold: int, changes: list[tuple[str, int]]
) -> None:
    """A change succeeds exactly if the sum stays between 0 and the largest amount."""
    player = a_player(gold=gold)
    for kind, amount in changes:
        after = gold + amount if kind == "credit" else gold - amount
        change = player.credited if kind == "credit" else player.charged
        if 0 <= after <= MAX_AMOUNT:
            player, gold = change(amount), after
        else:
            with pytest.raises(Conflict):
                change(amount)
        assert gold == player.gold


@pytest.mark.parametrize(
    ("before", "gained", "after"),
    [
        pytest.param(490, 20, 510, id="added"),
        pytest.param(490, 0, 490, id="nothing"),
        pytest.param(MAX_AMOUNT - 5, 5, MAX_AMOUNT, id="to the largest"),
        pytest.param(MAX_AMOUNT - 5, 6, MAX_AMOUNT, id="capped"),
    ],
)
def test_exp_is_gained_up_to_the_largest_amount(before: int, gained: int, after: int) -> None:
    """Exp beyond it is lost, and the play is not refused."""
    player = a_player(gold=3, exp=before)
    assert evolve(player, exp=after) == player.experienced(gained)


@pytest.mark.parametrize(
    ("nickname", "clean"),
    [
        pytest.param("Al", "Al", id="shortest"),
        pytest.param("x" * 30, "x" * 30, id="longest"),
        pytest.param("  Ada Lovelace\n", "Ada Lovelace", id="space around"),
        pytest.param(" " * 40 + "Ada" + " " * 40, "Ada", id="only the rest counts"),
        pytest.param("\u3000하늘\u3000", "하늘", id="wide space around"),
        pytest.param("Jose\u0301", "Jos\u00e9", id="composed"),
        pytest.param("e\u0301" * 30, "\u00e9" * 30, id="composed, then counted"),
        pytest.param("🎲🎲", "🎲🎲", id="emoji"),
    ],
)
def test_a_nickname_is_cleaned(nickname: str, clean: str) -> None:
    """It is composed (NFC) and stripped."""
    assert clean == check_nickname(nickname)


@pytest.mark.parametrize(
    ("nickname", "reason"),
    [
        pytest.param("", "2 to 30 characters", id="empty"),
        pytest.param("A", "2 to 30 characters", id="too short"),
        pytest.param(" A ", "2 to 30 characters", id="too short without space"),
        pytest.param("e\u0301", "2 to 30 characters", id="too short when composed"),
        pytest.param("x" * 31, "2 to 30 characters", id="too long"),
        pytest.param("\u0958" * 16, "2 to 30 characters", id="too long when normalised"),
        pytest.param("A\nB", "printable", id="line break"),
        pytest.param("A\x00B", "printable", id="null"),
        pytest.param("A\u200bB", "printable", id="zero width"),
        pytest.param("A\u202eB", "printable", id="writing direction"),
        pytest.param("A\ud800B", "printable", id="half a surrogate pair"),
        pytest.param("A\ue000B", "printable", id="private use"),
    ],
)
def test_a_nickname_that_cannot_be_shown_is_refused(nickname: str, reason: str) -> None:
    """The refusal names the input it came from."""
    with pytest.raises(InvalidInput, match=reason) as refused:
        check_nickname(nickname, "display_name")
    assert refused.value.field == "display_name"
    assert refused.value.error_code == "invalid_input"


def test_a_nickname_is_refused_under_its_own_name_by_default() -> None:
    """`nickname` is what the input is called, unless the caller says otherwise."""
    with pytest.raises(InvalidInput) as refused:
        check_nickname("")
    assert refused.value.field == "nickname"


@given(NICKNAMES)
def test_a_cleaned_nickname_is_clean(nickname: str) -> None:
    """Cleaning again changes nothing, and the result keeps all rules."""
    try:
        clean = check_nickname(nickname)
    except InvalidInput:
        reject()
    assert clean == check_nickname(clean)
    assert 2 <= len(clean) <= 30
    assert clean.isprintable()
    assert clean == clean.strip()
    assert unicodedata.is_normalized("NFC", clean)


def test_amounts_are_not_negative() -> None:
    """A negative amount is an error of the caller."""
    for change in (
        Player(user_id=1, nickname="Ada").credited,
        Player(user_id=1, nickname="Ada").charged,
    ):
        with pytest.raises(ValueError, match="must not be negative"):
            change(-1)


def test_joined_emoji_are_shown() -> None:
    """A zero-width joiner within emoji is accepted."""
    assert check_nickname("\U0001f469\u200d\U0001f680 Ada") == "\U0001f469\u200d\U0001f680 Ada"
