"""Conversion of times: the tables store Unix milliseconds."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """An aware datetime as Unix milliseconds, rounded down."""
    return (moment - _EPOCH) // _MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    """Unix milliseconds as a datetime in UTC."""
    return _EPOCH + milliseconds * _MILLISECOND
