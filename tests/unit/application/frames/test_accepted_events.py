"""What `accept` may say."""

import pytest

from application.frames.accepted_events import BY_DEFAULT, MAX_LENGTH, AcceptedEvents
from domain.errors import InvalidInput
from domain.events import EVENT_VERSIONS, PurchaseUpdateV1


def test_nothing_asked_for_is_the_oldest_of_each_type() -> None:
    """Clients that know nothing of versions keep what they had; newer types reach them, too."""
    assert BY_DEFAULT.versions == {name: cls[0].version for name, cls in EVENT_VERSIONS.items()}
    assert BY_DEFAULT.versions["purchase_update"] == 1
    assert BY_DEFAULT.others


@pytest.mark.parametrize(
    ("text", "versions", "others"),
    [
        ("purchase_update.2", {"purchase_update": 2}, False),
        ("purchase_update.1,purchase_update.2", {"purchase_update": 2}, False),
        ("purchase_update.9,purchase_update.1", {"purchase_update": 1}, False),
        ("profile_update.1,streak_update.1", {"profile_update": 1, "streak_update": 1}, False),
        ("no_such_type.3", {}, False),
        ("*", BY_DEFAULT.versions, True),
        ("*,purchase_update.2", {**BY_DEFAULT.versions, "purchase_update": 2}, True),
        ("purchase_update.2,*", {**BY_DEFAULT.versions, "purchase_update": 2}, True),
    ],
)
def test_a_list(text: str, versions: dict[str, int], others: bool) -> None:
    """The newest listed version that is served; types that are not listed are left out."""
    accepted = AcceptedEvents.parse(text)
    assert (accepted.versions, accepted.others) == (versions, others)


@pytest.mark.parametrize(
    "text",
    [
        "", ",", "purchase_update", "purchase_update.", "purchase_update.0", "purchase_update.2,",
        "purchase_update.-1", "purchase_update.2 ,*", "Purchase_update.2", "purchase_update.²",
        "purchase_update.99999", "**", "\x00", "x" * 65 + ".1", "purchase_update.3",
        ",".join(["a.1"] * MAX_LENGTH),
    ],
)  # fmt: skip
def test_no_list(text: str) -> None:
    """Malformed lists are refused, and so are versions that are not served."""
    with pytest.raises(InvalidInput):
        AcceptedEvents.parse(text)


def test_equal_choices_are_equal_in_any_order() -> None:
    """Clients that ask for the same share one format."""
    one = AcceptedEvents.parse("profile_update.1,purchase_update.2")
    other = AcceptedEvents.parse("purchase_update.2,profile_update.1")
    assert one == other
    assert hash(one) == hash(other)
    assert one != AcceptedEvents.parse("purchase_update.2")


def test_versions_that_end_are_named() -> None:
    """Their use is counted."""
    assert BY_DEFAULT.ending() == [PurchaseUpdateV1]
    assert AcceptedEvents.parse("*,purchase_update.2").ending() == []
