"""Which secrets look as if they could be guessed."""

import base64
import random
import re
import uuid

import pytest

from bootstrap.settings.secret_strength import DEV_SECRET, weakness
from tests.support.documentation import ROOT


@pytest.mark.parametrize(
    "secret",
    [
        "a" * 40,
        "abcd1234" * 5,
        "0123456789abcdef" * 2,
        "abcdefghijklmnopqrstuvwxyz0123456789",
        "changeme-changeme-changeme-changeme",
        "your-256-bit-secret-your-256-bit-secret",
        "a-secret-for-tests-that-is-long-enough",
        "SuperSecretKey1234567890SuperSecretKey",
        "correct horse battery staple correct horse",
        "synchub-production-jwt-secret-key-0001",
        "$(openssl rand -base64 48) in a file",
        DEV_SECRET,
    ],
)
def test_guessable_secrets_are_weak(secret: str) -> None:
    """Words, rows, repetitions, and what a shell would have replaced are refused."""
    assert weakness(secret)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda rng: base64.b64encode(rng.randbytes(32)).decode(), id="base64"),
        pytest.param(lambda rng: rng.randbytes(32).hex(), id="hex"),
        pytest.param(lambda rng: base64.urlsafe_b64encode(rng.randbytes(48)).decode(), id="url"),
        pytest.param(lambda rng: str(uuid.UUID(bytes=rng.randbytes(16))), id="uuid"),
    ],
)
def test_random_secrets_are_strong(make: object) -> None:
    """None of many is refused."""
    assert callable(make)
    rng = random.Random(11)
    assert [secret for secret in (make(rng) for _ in range(300)) if weakness(secret)] == []


def test_secrets_in_our_own_texts_are_weak() -> None:
    """Whatever we print as an example is refused."""
    texts = [
        ROOT / "README.md",
        ROOT / "compose.yaml",
        ROOT / "Dockerfile",
        *ROOT.glob("docs/*.md"),
    ]
    for path in texts:
        for value in re.findall(
            r"JWT_SECRET[\"']?[=:] *[\"']?([^\s\"'`]+)", path.read_text("utf-8")
        ):
            assert len(value) < 32 or weakness(value), f"{path}: {value}"
