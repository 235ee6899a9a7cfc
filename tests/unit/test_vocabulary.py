"""Every mechanism is found by its name: a docstring of its file has the field's term."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

MECHANISMS = {
    "advisory lock": "adapters/outbound/sql/migrate.py",
    "back-pressure": "application/sync/session.py",
    "catch up": "application/jobs/journal_poller.py",
    "confirmation counting": "adapters/outbound/broadcast/redis/redis_subscriber.py",
    "consumer group": "adapters/outbound/broadcast/kafka/kafka_connection.py",
    "deduplica": "domain/broadcaster.py",
    "fan-out": "domain/broadcaster.py",
    "group commit": "adapters/outbound/sql/sqlite/sqlite_unit_of_work.py",
    "heartbeat": "application/cluster/membership.py",
    "high-water mark": "adapters/inbound/http/realtime/sse_sink.py",
    "idempotency-key": "application/transactions/player_transactions.py",
    "journal poll": "application/jobs/journal_poller.py",
    "membership": "application/cluster/membership.py",
    "pool": "adapters/outbound/sql/postgres/postgres_pool.py",
    "publish queue": "adapters/outbound/broadcast/publish_queue.py",
    "retention": "application/jobs/journal_trimmer.py",
    "revocation poll": "application/jobs/revocation_poller.py",
    "settlement": "application/jobs/crash_settlement.py",
    "statement compilation": "adapters/outbound/sql/statements.py",
    "token rotation": "application/identity/refresh_tokens.py",
    "watermark": "application/jobs/journal_trimmer.py",
}
"""Term (lower case) to the file with the mechanism."""


def docstrings(path: str) -> str:
    """All docstrings of a file, those of constants included, in lower case and on one line."""
    texts = [
        node.value.value
        for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8")))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ]
    return " ".join(" ".join(texts).lower().split())


@pytest.mark.parametrize(("term", "path"), MECHANISMS.items(), ids=MECHANISMS)
def test_mechanism_is_found_by_its_name(term: str, path: str) -> None:
    """A search for the term finds the file."""
    assert term in docstrings(path)
