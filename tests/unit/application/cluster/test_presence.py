"""Presence, counted over devices."""

from application.cluster.presence import Presence

ADA, BOB = 1, 2


def test_first_device_joins() -> None:
    """A second device of the user does not join."""
    presence = Presence(grace_s=10)
    assert [presence.connect(ADA), presence.connect(ADA)] == [True, False]


def test_last_device_leaves_after_the_grace() -> None:
    """The user departs once, exactly at the end of the grace."""
    presence = Presence(grace_s=10)
    presence.connect(ADA)
    presence.disconnect(ADA, now=100)
    assert presence.departed(109.9) == []
    assert presence.departed(110) == [ADA]
    assert presence.departed(200) == []


def test_user_with_a_device_left_stays() -> None:
    """Disconnecting one of two devices is no leave."""
    presence = Presence(grace_s=10)
    presence.connect(ADA)
    presence.connect(ADA)
    presence.disconnect(ADA, now=100)
    assert presence.departed(200) == []
    assert presence.users() == [ADA]
    assert presence.connections() == 1


def test_return_within_the_grace_is_no_join() -> None:
    """The next leave has the whole grace again."""
    presence = Presence(grace_s=10)
    presence.connect(ADA)
    presence.disconnect(ADA, now=100)
    assert presence.connect(ADA) is False
    assert presence.departed(110) == []
    presence.disconnect(ADA, now=110)
    assert presence.departed(119) == []
    assert presence.departed(120) == [ADA]


def test_return_after_the_grace_is_a_join() -> None:
    """The user had left."""
    presence = Presence(grace_s=10)
    presence.connect(ADA)
    presence.disconnect(ADA, now=100)
    presence.departed(110)
    assert presence.connect(ADA) is True


def test_users_depart_in_the_order_they_left() -> None:
    """A user whose grace still runs does not keep others here, nor the other way round."""
    presence = Presence(grace_s=10)
    for user_id in (ADA, BOB):
        presence.connect(user_id)
    presence.disconnect(BOB, now=100)
    presence.disconnect(ADA, now=101)
    assert presence.departed(110) == [BOB]
    assert presence.departed(111) == [ADA]


def test_users_are_listed_until_they_have_left() -> None:
    """Users are sorted by id, those within their grace included; their devices do not count."""
    presence = Presence(grace_s=10)
    presence.connect(BOB)
    presence.connect(ADA)
    presence.disconnect(BOB, now=100)
    assert presence.users() == [ADA, BOB]
    assert presence.connections() == 1
    presence.departed(110)
    assert presence.users() == [ADA]


def test_without_grace_users_leave_at_once() -> None:
    """The first call of `departed` returns them."""
    presence = Presence(grace_s=0)
    presence.connect(ADA)
    presence.disconnect(ADA, now=100)
    assert presence.departed(100) == [ADA]
