"""The announced end of a version: `x-sunset`, an ISO date."""

from datetime import date, datetime
from typing import Any

from tools.contract_gate.schema.errors import Unsupported


def has_ended(described: Any, today: date) -> bool:
    """Whether the released document said that this ends, and the day has come."""
    end = described.get("x-sunset") if isinstance(described, dict) else None
    if end is None:
        return False
    try:
        return datetime.fromisoformat(end).date() <= today
    except (TypeError, ValueError) as error:
        raise Unsupported(f"x-sunset must be an ISO date: {end}") from error
