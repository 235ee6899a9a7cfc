"""The frame format of `/api/realtime/sync`, for tests without a container."""

from adapters.wire.json_codec import JsonCodec
from application.sync.frame_formats import StandardFormat
from application.sync.player_state import StateReader
from tests.support.stepping import FakeClock


def standard_format() -> StandardFormat:
    codec = JsonCodec()
    return StandardFormat(20, codec, StateReader(codec, FakeClock()))
