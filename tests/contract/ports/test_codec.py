"""Codec: the published frames, one line each, and reading them back."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import chain
from typing import Any, get_type_hints
from uuid import UUID

import pytest
from attrs import evolve, fields, frozen
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.outbound.sql.stores.journal import SMALLEST_ENVELOPE
from adapters.wire.json_codec import JsonCodec, read_envelope
from application.frames.client_messages import Auth, Ping
from application.frames.control_frames import (
    CONTROL_FRAMES,
    ErrorFrame,
    InitialState,
    MonitorSnapshot,
    NotRecovered,
    Pong,
    PresenceJoin,
    SyncConnected,
    WsAck,
)
from application.frames.state_data import OpenRound, Play, Purchase, RecentReward, StateData
from application.ports.codec import Codec
from application.ports.storage.journal import JournalEntry
from application.transactions.command import EventRef, Result
from application.use_cases.games.crash_rounds import CrashResult
from application.use_cases.games.spin_slot import SpinResult
from domain.events import (
    EVENT_TYPES,
    EVENT_VERSIONS,
    BalanceUpdate,
    Event,
    GameEvent,
    GameTotals,
    GameType,
    ProfileUpdate,
    Progress,
    PurchaseStatus,
    RecordedEvent,
    StreakUpdate,
    UserAction,
    in_version,
)
from domain.player import MAX_AMOUNT, Player
from tests.support.contract import check_frame

CODECS = [JsonCodec()]
"""The adapters. Hypothesis wants them at hand, not as a fixture."""

with_every_codec = pytest.mark.parametrize("codec", CODECS, ids=["json"])

EVENT_ID = UUID("01980000-0000-7000-8000-000000000001")
MOMENT = datetime(2025, 8, 16, 12, 34, 56, 789_000, tzinfo=UTC)

amounts = st.integers(-MAX_AMOUNT, MAX_AMOUNT)
texts = st.text(st.characters(exclude_categories=["Cs"]))
json_values = st.recursive(
    st.none() | st.booleans() | amounts | texts | st.floats(allow_nan=False, allow_infinity=False),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(texts, values, max_size=3),
    max_leaves=8,
)
json_objects = st.dictionaries(texts, json_values, max_size=4)
moments = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)

BY_NAME: dict[str, st.SearchStrategy[Any]] = {
    "action_data": json_objects,
    "result": json_objects,
    "reward_data": json_objects,
    "reels": st.none() | st.lists(texts, max_size=3).map(tuple),
}
"""Strategies for fields whose type alone does not say what fits."""

BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    str: texts,
    str | None: st.none() | texts,
    int: amounts,
    int | None: st.none() | amounts,
    GameType: st.sampled_from(GameType),
    GameTotals: st.builds(GameTotals, **{a.name: amounts for a in fields(GameTotals)}),
    Progress: st.builds(Progress, current=amounts, target=amounts),
}


def arguments(cls: type[Event]) -> dict[str, st.SearchStrategy[Any]]:
    by_type = {name: BY_TYPE[kind] for name, kind in get_type_hints(cls).items() if kind in BY_TYPE}
    return by_type | {a.name: BY_NAME[a.name] for a in fields(cls) if a.name in BY_NAME}


events = st.one_of(
    *(st.builds(cls, **arguments(cls)) for cls in chain.from_iterable(EVENT_VERSIONS.values()))
)
recorded_events = st.builds(
    RecordedEvent,
    id=st.uuids(),
    seq=st.integers(1, MAX_AMOUNT),
    user_id=st.integers(1, MAX_AMOUNT),
    ts=moments,
    event=events,
    cause=st.none() | texts,
)


def recorded(event: Event, ts: datetime = MOMENT) -> RecordedEvent:
    return RecordedEvent(id=EVENT_ID, seq=42, user_id=7, ts=ts, event=event)


def members(encoded: bytes) -> list[str]:
    """The names in a JSON object, in their order."""
    return list(json.loads(encoded))


SPIN = GameEvent(
    game_type=GameType.SLOT,
    subtype="spin",
    bet=10,
    win=50,
    result={"reels": ["bar", "bar", "bar"], "none": None},
    reels=("bar", "bar", "bar"),
)


@with_every_codec
def test_the_envelope_is_as_published(codec: Codec) -> None:
    """The envelope has seven members in the published order."""
    encoded = codec.event(recorded(SPIN))
    assert members(encoded) == ["type", "v", "id", "seq", "user_id", "ts", "data"]
    assert json.loads(encoded) == {
        "type": "game_event",
        "v": 1,
        "id": str(EVENT_ID),
        "seq": 42,
        "user_id": 7,
        "ts": "2025-08-16T12:34:56.789Z",
        "data": {
            "game_type": "slot",
            "subtype": "spin",
            "bet": 10,
            "win": 50,
            "result": {"reels": ["bar", "bar", "bar"], "none": None},
            "jackpot": False,
            "reels": ["bar", "bar", "bar"],
        },
    }


@with_every_codec
def test_the_envelope_names_its_cause(codec: Codec) -> None:
    """The key comes before the data; the flat form has none."""
    encoded = codec.event(evolve(recorded(SPIN), cause="k-1"))
    assert members(encoded) == ["type", "v", "id", "seq", "user_id", "ts", "cause", "data"]
    assert json.loads(encoded)["cause"] == "k-1"
    legacy = codec.legacy(JournalEntry(42, SPIN.type, encoded))
    assert legacy is not None
    assert "cause" not in members(legacy.frame)


@with_every_codec
@pytest.mark.parametrize(
    ("event", "data"),
    [
        (ProfileUpdate(), {}),
        (ProfileUpdate(gold=0, nickname=""), {"gold": 0, "nickname": ""}),
        (
            UserAction(user_id=7, action_type="spin"),
            {"user_id": 7, "action_type": "spin", "action_data": {}},
        ),
        (
            BalanceUpdate(delta=-1, balance=0, reason="bet"),
            {"delta": -1, "balance": 0, "reason": "bet"},
        ),
        (
            StreakUpdate(action_type="a", current_count=1, last_action_date=date(2026, 3, 1)),
            {"action_type": "a", "current_count": 1, "last_action_date": "2026-03-01"},
        ),
    ],
)
def test_fields_that_are_none_are_left_out(
    codec: Codec, event: Event, data: dict[str, object]
) -> None:
    """Fields that are 0 or empty stay."""
    assert json.loads(codec.event(recorded(event)))["data"] == data


@with_every_codec
@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00.000Z"),
        (datetime(2026, 1, 1, 0, 0, 0, 999, tzinfo=UTC), "2026-01-01T00:00:00.000Z"),
        (
            datetime(2026, 1, 1, 1, 0, 0, 1000, tzinfo=timezone(timedelta(hours=2))),
            "2025-12-31T23:00:00.001Z",
        ),
    ],
)
def test_times_are_utc_in_milliseconds(codec: Codec, moment: datetime, text: str) -> None:
    """Times of any zone and precision are written in UTC with milliseconds."""
    assert json.loads(codec.event(recorded(ProfileUpdate(), moment)))["ts"] == text
    assert json.loads(codec.control(PresenceJoin(user_id=1, ts=moment)))["ts"] == text


@given(recorded_events)
def test_every_event_reads_back(recorded_event: RecordedEvent) -> None:
    """`read_envelope` is the reverse of `event`."""
    for codec in CODECS:
        assert read_envelope(codec.event(recorded_event)) == recorded_event


@given(recorded_events, st.data())
def test_every_version_serves_and_reads_every_other(
    recorded_event: RecordedEvent, data: st.DataObject
) -> None:
    """A journaled row of any version is served in any other. What is served satisfies its schema,
    and the newest version of it is the same as that of the row, where the version can say it."""
    event = recorded_event.event
    versions = EVENT_VERSIONS[event.type]
    wanted = data.draw(st.sampled_from(versions)).version
    for codec in CODECS:
        row = JournalEntry(recorded_event.seq, event.type, codec.event(recorded_event))
        served = codec.envelope(row, wanted)
        check_frame("sync", json.loads(served))
        assert json.loads(served)["v"] == wanted
        again = JournalEntry(row.seq, row.type, served)
        assert codec.envelope(again, wanted) is served
        assert codec.recorded(again).event == in_version(
            in_version(event, wanted), versions[-1].version
        )
        assert evolve(codec.recorded(again), event=event) == recorded_event


@with_every_codec
def test_a_version_of_the_future_is_served_as_it_is(codec: Codec) -> None:
    """A node that does not know the version of a row cannot cast it."""
    row = JournalEntry(42, "purchase_update", b'{"type":"purchase_update","v":99,"data":{}}')
    assert codec.envelope(row, 1) is row.envelope


@given(recorded_events)
@example(
    recorded(UserAction(user_id=7, action_type="a\nb\r\u2028\u0085", action_data={"\n": "\r\n"}))
)
def test_an_event_is_one_line_of_utf8_json(recorded_event: RecordedEvent) -> None:
    """There is no line break, and the size is at least SMALLEST_ENVELOPE."""
    for codec in CODECS:
        encoded = codec.event(recorded_event)
        assert b"\n" not in encoded
        assert b"\r" not in encoded
        assert json.loads(encoded.decode())["seq"] == recorded_event.seq
        assert len(encoded) >= SMALLEST_ENVELOPE


@given(recorded_events)
def test_only_games_have_a_legacy_frame(recorded_event: RecordedEvent) -> None:
    """Other events have none; a game's legacy frame has the values of its event."""
    event = recorded_event.event
    for codec in CODECS:
        legacy = codec.legacy(
            JournalEntry(recorded_event.seq, event.type, codec.event(recorded_event))
        )
        if not isinstance(event, GameEvent):
            assert legacy is None
            continue
        assert legacy is not None
        assert b"\n" not in legacy.frame
        assert legacy.key == (recorded_event.user_id, recorded_event.seq)
        assert legacy.game_type == event.game_type
        assert json.loads(legacy.frame) == {
            "type": "game_event",
            "game_type": event.game_type,
            "user_id": recorded_event.user_id,
            "bet": event.bet,
            "result": event.result,
            "ts": json.loads(codec.event(recorded_event))["ts"],
            "id": str(recorded_event.id),
            "subtype": event.subtype,
            "win": event.win,
        }


@with_every_codec
def test_the_legacy_format_keeps_its_first_members(codec: Codec) -> None:
    """The first six members are those of the legacy contract; newer ones follow."""
    legacy = codec.legacy(JournalEntry(42, SPIN.type, codec.event(recorded(SPIN))))
    assert legacy is not None
    assert members(legacy.frame) == [
        "type", "game_type", "user_id", "bet", "result", "ts", "id", "subtype", "win",
    ]  # fmt: skip


STATE = StateData(
    profile=Player(user_id=7, nickname="Nick").profile(),
    achievements={},
    events={},
    streaks={
        "a": StreakUpdate(action_type="a", current_count=1, last_action_date=date(2026, 3, 1))
    },
    stats={},
    recent_rewards=[
        RecentReward(
            id="r", reward_type="gold", reward_data={"amount": None}, source="s", timestamp=MOMENT
        )
    ],
    purchases=[
        Purchase(
            receipt_code="c",
            product_id="p",
            quantity=1,
            amount=2,
            status=PurchaseStatus.SUCCESS,
            timestamp=MOMENT,
        )
    ],
    last_plays=[
        Play(
            id=EVENT_ID,
            seq=3,
            ts=MOMENT,
            game_type=GameType.RPS,
            subtype="rps_play",
            bet=1,
            win=0,
            result={},
        )
    ],
    open_rounds=[OpenRound(round_id="o", bet=1, started_at=2)],
)
WHEN = "2025-08-16T12:34:56.789Z"
STATE_ON_THE_WIRE = {
    "profile": {
        "nickname": "Nick", "gold": 0, "exp": 0, "level": 1, "tier": "bronze", "total_spent": 0,
    },
    "achievements": {},
    "events": {},
    "streaks": {"a": {"action_type": "a", "current_count": 1, "last_action_date": "2026-03-01"}},
    "stats": {},
    "recent_rewards": [
        {
            "id": "r",
            "reward_type": "gold",
            "reward_data": {"amount": None},
            "source": "s",
            "timestamp": WHEN,
        }
    ],
    "purchases": [
        {
            "receipt_code": "c",
            "product_id": "p",
            "quantity": 1,
            "amount": 2,
            "status": "success",
            "timestamp": WHEN,
        }
    ],
    "last_plays": [
        {
            "id": str(EVENT_ID),
            "seq": 3,
            "ts": WHEN,
            "game_type": "rps",
            "subtype": "rps_play",
            "bet": 1,
            "win": 0,
            "result": {},
            "jackpot": False,
        }
    ],
    "open_rounds": [{"round_id": "o", "bet": 1, "started_at": 2}],
}  # fmt: skip
"""At any depth, fields that are `None` are left out and times have milliseconds."""


CONNECTED = SyncConnected(
    session_id="s",
    user_id=7,
    epoch="e",
    seq=42,
    recovered=False,
    reason=NotRecovered.TRIMMED,
    heartbeat_s=20.0,
    token_expires_at=MOMENT,
    events={"purchase_update": 2},
)


@with_every_codec
@pytest.mark.parametrize(
    ("frame", "decoded"),
    [
        (Pong(), {"type": "pong"}),
        (WsAck(user_id=7), {"type": "ws_ack", "user_id": 7}),
        (
            ErrorFrame(code="c", message="two\nlines"),
            {"type": "error", "v": 1, "code": "c", "message": "two\nlines"},
        ),
        (
            CONNECTED,
            {
                "type": "sync_connected",
                "v": 1,
                "session_id": "s",
                "user_id": 7,
                "epoch": "e",
                "seq": 42,
                "recovered": False,
                "reason": "trimmed",
                "heartbeat_s": 20.0,
                "token_expires_at": "2025-08-16T12:34:56.789Z",
                "events": {"purchase_update": 2},
            },
        ),
        (
            InitialState(
                user_id=7,
                seq=0,
                data=STATE,
            ),
            {"type": "initial_state", "v": 1, "user_id": 7, "seq": 0, "data": STATE_ON_THE_WIRE},
        ),
    ],
    ids=lambda value: getattr(value, "type", ""),
)
def test_control_frames_are_as_published(
    codec: Codec, frame: Any, decoded: dict[str, object]
) -> None:
    """The type comes first, then the fields, on one line."""
    encoded = codec.control(frame)
    assert json.loads(encoded) == decoded
    assert members(encoded) == ["type", *(a.name for a in fields(type(frame)))]
    assert b"\n" not in encoded


@with_every_codec
def test_a_control_frame_leaves_out_none(codec: Codec) -> None:
    """The greeting of a recovered session has no `reason`."""
    frame = SyncConnected(
        session_id="s",
        user_id=7,
        epoch="e",
        seq=42,
        recovered=True,
        heartbeat_s=20.0,
        token_expires_at=MOMENT,
        events={},
    )
    assert "reason" not in json.loads(codec.control(frame))


def test_every_control_frame_is_named_once() -> None:
    """Types of control frames and events are all different."""
    names = [frame.type for frame in CONTROL_FRAMES] + list(EVENT_TYPES)
    assert len(names) == len(set(names))


@with_every_codec
def test_embedded_frames_keep_their_bytes(codec: Codec) -> None:
    """Embedded JSON is not encoded again, so its numbers keep their notation."""
    ready = b'{"b":1.0,"a":[1e3]}'
    frame = MonitorSnapshot(
        connected_users=[1, 2],
        user_count=2,
        connection_count=3,
        recent_events=[codec.embed(ready), codec.embed(ready)],
    )
    assert codec.control(frame).endswith(b'"recent_events":[' + ready + b"," + ready + b"]}")


@with_every_codec
@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("ping", "ping"),
        (b"ping", "ping"),
        ('{"type":"ping"}', "ping"),
        (b' {"type": "ping", "more": [1]} ', "ping"),
        ('{"type":"sub\\u0041"}', "subA"),
        ("PING", None),
        ('"ping"', None),
        ("ping ", None),
        ("", None),
        (b"", None),
        ("null", None),
        ("[]", None),
        ("{}", None),
        ('{"type":1}', None),
        ('{"type":null}', None),
        ('{"type":["ping"]}', None),
        ('{"Type":"ping"}', None),
        ('{"type":"ping"', None),
        ('{"type":"ping"}{', None),
        (b'{"type":"\xff"}', None),
        (b"\xff\xfe\x00", None),
        ("[" * 60_000, None),
        ('{"type":' * 20_000, None),
        ("\ud800", None),
        ("9" * 60_000, None),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_client_message_has_a_type_or_none(
    codec: Codec, message: str | bytes, kind: str | None
) -> None:
    """Invalid messages have no type and raise nothing."""
    assert codec.client_message(message) == (Ping() if kind == "ping" else None)


@with_every_codec
@pytest.mark.parametrize(
    ("message", "token"),
    [
        ('{"type": "auth", "token": "abc"}', "abc"),
        (b'{"token": "", "type": "auth"}', ""),
        ('{"type": "auth"}', None),
        ('{"type": "auth", "token": null}', None),
        ('{"type": "auth", "token": 7}', None),
        ('{"type": "auth", "token": ["abc"]}', None),
    ],
)
def test_a_client_message_may_have_a_token(
    codec: Codec, message: str | bytes, token: str | None
) -> None:
    """Anything but a string is no token."""
    assert codec.client_message(message) == Auth(token or "")


@given(st.text() | st.binary() | json_values.map(json.dumps))
def test_no_client_message_is_an_error(message: str | bytes) -> None:
    """Arbitrary text and bytes raise nothing."""
    for codec in CODECS:
        decoded = codec.client_message(message)
        assert decoded is None or isinstance(decoded.type, str)


@frozen(kw_only=True)
class Answer(Result):
    """A result with all kinds of fields."""

    game: GameType
    day: date
    at: datetime
    items: tuple[str, ...] = ()
    note: str | None = None


def test_results_of_earlier_versions_load() -> None:
    """What version 0.1 stored for an Idempotency-Key is answered in the form of today."""
    common = {"success": True, "events": [], "bet_amount": 10, "win_amount": 0, "balance": 5}
    stored = {**common, "reels": ["bar", "bar", "bell"], "is_jackpot": False, "net_change": -10}
    [codec] = CODECS
    assert codec.load(json.dumps(stored).encode(), SpinResult).reels == (("bar", "bar", "bell"),)
    crash_round = {
        **common,
        "round_id": "r",
        "started_at": 1,
        "auto_cashout_multiplier": None,
        "cashout_multiplier": None,
        "crash_point": None,
        "net_change": -10,
    }
    for old, new in (("open", "active"), ("won", "cashed_out"), ("lost", "crashed")):
        dumped = json.dumps({**crash_round, "status": old}).encode()
        assert codec.load(dumped, CrashResult).status == new


@given(
    st.builds(
        Answer,
        events=st.lists(
            st.builds(EventRef, id=st.uuids(), type=texts, seq=amounts), max_size=3
        ).map(tuple),
        game=st.sampled_from(GameType),
        at=moments,
        items=st.lists(texts, max_size=3).map(tuple),
        note=st.none() | texts,
    )
)
def test_a_result_loads_as_it_was_dumped(answer: Answer) -> None:
    """All fields are equal after the round trip, types included, on one line."""
    for codec in CODECS:
        dumped = codec.dump(answer)
        assert b"\n" not in dumped
        assert codec.load(dumped, Answer) == answer
