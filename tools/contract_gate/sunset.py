"""The announced end of a version: `x-sunset`, an ISO date."""

from datetime import date
from typing import Any


def has_ended(described: Any, today: date) -> bool:
    """Whether the released document said that this ends, and the day has come."""
    end = described.get("x-sunset") if isinstance(described, dict) else None
    return end is not None and date.fromisoformat(end) <= today
