"""Events: the published names, and immutability."""

import re
from datetime import date
from itertools import chain

import pytest
from attrs import asdict, exceptions

from domain.events import (
    EVENT_TYPES,
    EVENT_VERSIONS,
    AchievementProgress,
    BalanceUpdate,
    Event,
    EventProgress,
    GameEvent,
    GameType,
    ProfileUpdate,
    Progress,
    PurchaseStatus,
    PurchaseStatusV1,
    PurchaseUpdate,
    PurchaseUpdateV1,
    RewardGranted,
    StatsUpdate,
    StreakUpdate,
    UserAction,
    find_version,
    in_version,
)
from domain.progress.stats import GameStats

EXAMPLES = [
    UserAction(user_id=7, action_type="slot_spin"),
    GameEvent(game_type=GameType.SLOT, subtype="spin", bet=1, win=0, result={}),
    BalanceUpdate(delta=-1, balance=9, reason="bet"),
    ProfileUpdate(gold=9),
    StatsUpdate(game_type=GameType.RPS, stats=GameStats(game_type=GameType.RPS, plays=1).totals()),
    StreakUpdate(action_type="DAILY_LOGIN", current_count=1, last_action_date=date(2024, 3, 1)),
    RewardGranted(reward_type="gold", reward_data={"amount": 100}, source="level_up"),
    PurchaseUpdate(status=PurchaseStatus.PENDING, product_id="gold_100", quantity=1, price=100),
    AchievementProgress(
        achievement_id="slot_novice",
        achievement_type="plays",
        progress=3,
        target=10,
        unlocked=False,
    ),
    EventProgress(
        event_id="marathon_2024-W10",
        progress=Progress(current=10, target=100),
        completed=False,
    ),
]


def test_the_published_types() -> None:
    """Published names must not change; a new one has to be added to the contract."""
    assert list(EVENT_TYPES) == [
        "user_action",
        "game_event",
        "balance_update",
        "profile_update",
        "stats_update",
        "streak_update",
        "reward_granted",
        "purchase_update",
        "achievement_progress",
        "event_progress",
    ]


def test_every_event_is_published() -> None:
    """Every event class is in the table and has an example here."""
    assert set(Event.__subclasses__()) == set(chain.from_iterable(EVENT_VERSIONS.values()))
    assert [type(event) for event in EXAMPLES] == list(EVENT_TYPES.values())


@pytest.mark.parametrize(("name", "cls"), EVENT_TYPES.items())
def test_a_type_is_named_after_its_class(name: str, cls: type[Event]) -> None:
    """The type is the class name in snake case."""
    assert name == re.sub(r"(?<=.)([A-Z])", r"_\1", cls.__name__).lower() == cls.type


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event.type)
def test_type_and_version_are_not_data(event: Event) -> None:
    """They are in the envelope, outside of `data`."""
    assert not {"type", "version"} & set(asdict(event))


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event.type)
def test_an_event_cannot_be_changed(event: Event) -> None:
    """Events are frozen."""
    name = next(iter(asdict(event)))
    with pytest.raises(exceptions.FrozenInstanceError):
        setattr(event, name, None)


def test_actions_share_no_data() -> None:
    """Each action without data has an object of its own."""
    first, second = (UserAction(user_id=7, action_type="a") for _ in range(2))
    assert first.action_data is not second.action_data


def test_a_profile_update_says_only_what_changed() -> None:
    """All other fields are absent."""
    present = {name: value for name, value in asdict(ProfileUpdate(gold=9)).items() if value}
    assert present == {"gold": 9}


def test_the_published_words() -> None:
    """The values of the enumerations are part of the contract."""
    assert [str(game) for game in GameType] == ["slot", "rps", "gacha", "crash"]
    statuses = ["pending", "success", "failed"]
    assert statuses == [str(status) for status in PurchaseStatus]
    assert [*statuses, "idempotent_reuse"] == [str(status) for status in PurchaseStatusV1]


def test_versions_are_numbered_from_the_oldest() -> None:
    """No version is skipped, all of them have one type, and only the newest has no end."""
    for event_type, versions in EVENT_VERSIONS.items():
        assert {cls.type for cls in versions} == {event_type}
        first = versions[0].version
        assert [cls.version for cls in versions] == [*range(first, first + len(versions))]
        assert [cls.ends is None for cls in versions] == [False] * (len(versions) - 1) + [True]


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        (("success", False), "success"),
        (("success", True), "idempotent_reuse"),
        (("failed", False), "failed"),
        (("pending", False), "pending"),
    ],
)
def test_a_purchase_in_both_versions(newer: tuple[str, bool], older: str) -> None:
    """The older status says in one word what the newer version says in two fields."""
    status, repeated = newer
    event = PurchaseUpdate(
        status=PurchaseStatus(status),
        repeated=repeated,
        product_id="gold_100",
        quantity=3,
        price=300,
    )
    old = PurchaseUpdateV1(
        status=PurchaseStatusV1(older), product_id="gold_100", quantity=3, amount=300
    )
    assert in_version(event, 1) == old
    assert in_version(old, 2) == event
    assert in_version(event, 2) is event


def test_an_unknown_version_is_not_found() -> None:
    """Neither are versions of unknown types."""
    assert find_version("purchase_update", 2) is PurchaseUpdate
    assert find_version("purchase_update", 3) is None
    assert find_version("no_such_type", 1) is None
