"""Tokens: only tokens issued with our secrets are verified."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from adapters.outbound.security.jwt_keys import secret_key
from adapters.outbound.security.jwt_tokens import (
    AUDIENCE,
    ISSUER,
    OPERATOR_AUDIENCE,
    TYPE,
    JwtTokens,
)
from application.ports.tokens import Caller, Tokens
from domain.account import Role
from domain.errors import Unauthenticated

SECRET = "the present secret, 32 bytes or more"
PREVIOUS = "the secret before that one, as long"
NOW = datetime.now(UTC).replace(microsecond=0)


def of_secrets(*secrets: str, leeway_s: float = 0) -> JwtTokens:
    return JwtTokens([*map(secret_key, secrets)], leeway_s)


@pytest.fixture(params=[lambda: of_secrets(SECRET, PREVIOUS)], ids=["jwt"])
def tokens(request: pytest.FixtureRequest) -> Tokens:
    issuer: Tokens = request.param()
    return issuer


def caller(role: Role = Role.PLAYER, lifetime: timedelta = timedelta(hours=1)) -> Caller:
    return Caller(
        user_id=2**53 - 1,
        login_id="lo-gin_1",
        role=role,
        version=7,
        expires_at=NOW + lifetime,
    )


def code_of_refusal(tokens: Tokens, token: str) -> str:
    with pytest.raises(Unauthenticated) as refused:
        tokens.verify(token)
    return refused.value.error_code


def claims(**changed: object) -> dict[str, Any]:
    """What a token of ours says, with changes; None leaves a claim out."""
    said: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "7",
        "sid": "login",
        "role": "player",
        "ver": 3,
        "iat": NOW,
        "exp": NOW + timedelta(hours=1),
        **changed,
    }
    return {name: value for name, value in said.items() if value is not None}


def forged(said: dict[str, Any], secret: str = SECRET, **headers: object) -> str:
    """A token with the header of a real one, its content signed with `secret`."""
    real = {"kid": secret_key(SECRET).kid, "typ": TYPE}
    return jwt.encode(said, secret, "HS256", headers={**real, **headers})


def base64(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("role", Role)
def test_an_issued_token_speaks_for_its_caller(tokens: Tokens, role: Role) -> None:
    """Every field of the caller is returned."""
    assert tokens.verify(tokens.issue(caller(role), NOW)) == caller(role)


def test_tokens_of_another_node_are_accepted(tokens: Tokens) -> None:
    """Nodes with the same secret accept each other's tokens."""
    assert of_secrets(SECRET).verify(tokens.issue(caller(), NOW)) == caller()
    assert tokens.verify(of_secrets(SECRET).issue(caller(), NOW)) == caller()


def test_tokens_of_a_previous_secret_are_accepted(tokens: Tokens) -> None:
    """They are accepted until the secret is removed; new tokens are signed with the present
    secret."""
    old = of_secrets(PREVIOUS).issue(caller(), NOW)
    assert tokens.verify(old) == caller()
    assert code_of_refusal(of_secrets(SECRET), old) == "token_invalid"
    assert code_of_refusal(of_secrets(PREVIOUS), tokens.issue(caller(), NOW)) == "token_invalid"


def test_an_expired_token_is_refused(tokens: Tokens) -> None:
    """The code is `token_expired`, so that a client knows to refresh."""
    token = tokens.issue(caller(lifetime=timedelta(seconds=-1)), NOW - timedelta(hours=1))
    assert code_of_refusal(tokens, token) == "token_expired"


def test_a_foreign_token_is_refused(tokens: Tokens) -> None:
    """A token with another signature is refused, whether or not its header names a known key."""
    foreign = "a secret that somebody else made up!"
    assert code_of_refusal(tokens, of_secrets(foreign).issue(caller(), NOW)) == "token_invalid"
    assert code_of_refusal(tokens, forged(claims(), foreign)) == "token_invalid"


def test_forged_is_real_when_nothing_is_changed(tokens: Tokens) -> None:
    """The unchanged token that the next tests modify is accepted."""
    assert tokens.verify(forged(claims())).user_id == 7


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "sid", "role", "ver", "iat", "exp"])
def test_a_token_that_leaves_something_out_is_refused(tokens: Tokens, claim: str) -> None:
    """A claim is missing, although the signature is right."""
    assert code_of_refusal(tokens, forged(claims(**{claim: None}))) == "token_invalid"


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("iss", "somebody else"),
        ("aud", "something else"),
        ("aud", [AUDIENCE, "something else"]),
        ("aud", OPERATOR_AUDIENCE),
        ("role", "admin"),
        ("sub", "seven"),
        ("role", "emperor"),
        ("ver", "3"),
        ("ver", True),
        ("ver", 3.0),
        ("exp", "never"),
        ("iat", NOW + timedelta(days=1)),
    ],
)
def test_a_token_that_says_something_else_is_refused(
    tokens: Tokens, claim: str, value: object
) -> None:
    """A claim has a wrong value, although the signature is right."""
    assert code_of_refusal(tokens, forged(claims(**{claim: value}))) == "token_invalid"


def test_operators_have_an_audience_of_their_own(tokens: Tokens) -> None:
    """The role counts only in a token for operators, and such a token has no other role."""
    operators = claims(role="admin", aud=OPERATOR_AUDIENCE)
    assert tokens.verify(forged(operators)).role is Role.ADMIN
    for wrong in (AUDIENCE, [AUDIENCE, OPERATOR_AUDIENCE], [OPERATOR_AUDIENCE]):
        token = forged({**operators, "aud": wrong})
        assert code_of_refusal(tokens, token) == "token_invalid"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE"])
def test_an_unsigned_token_is_refused(tokens: Tokens, algorithm: str) -> None:
    """`alg: none` is refused in any case of letters (RFC 8725, section 3.1)."""
    header, content, signature = tokens.issue(caller(), NOW).split(".")
    kid = json.loads(urlsafe_b64decode(header + "=="))["kid"]
    unsigned = base64({"alg": algorithm, "typ": TYPE, "kid": kid})
    for end in ("", signature):
        assert code_of_refusal(tokens, f"{unsigned}.{content}.{end}") == "token_invalid"


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_another_algorithm_is_refused(algorithm: str) -> None:
    """It is refused, although the secret is right (RFC 8725, section 3.1)."""
    secret = SECRET * 2
    headers = {"kid": secret_key(secret).kid, "typ": TYPE}
    right = jwt.encode(claims(), secret, "HS256", headers=headers)
    assert of_secrets(secret).verify(right).user_id == 7
    token = jwt.encode(claims(), secret, algorithm, headers=headers)
    assert code_of_refusal(of_secrets(secret), token) == "token_invalid"


@pytest.mark.parametrize("kind", ["JWT", "logout+jwt", "at+jwt;x", "", None, ["at+jwt"]])
def test_another_type_is_refused(tokens: Tokens, kind: object) -> None:
    """Another kind of token does not pass for an access token (RFC 8725, section 3.11)."""
    assert tokens.verify(forged(claims(), typ=TYPE)).version == 3
    header = {"alg": "HS256", "kid": secret_key(SECRET).kid, "typ": kind}
    _, content, _ = forged(claims()).split(".")
    signed = f"{base64(header)}.{content}"
    digest = hmac.digest(SECRET.encode(), signed.encode(), "sha256")
    signature = urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert code_of_refusal(tokens, f"{signed}.{signature}") == "token_invalid"


def test_a_changed_token_is_refused(tokens: Tokens) -> None:
    """Changed claims and a changed signature are refused."""
    header, content, signature = tokens.issue(caller(), NOW).split(".")
    said = json.loads(urlsafe_b64decode(content + "=="))
    admin = base64({**said, "role": "admin"})
    flipped = ("B" if signature[0] == "A" else "A") + signature[1:]
    assert code_of_refusal(tokens, f"{header}.{admin}.{signature}") == "token_invalid"
    assert code_of_refusal(tokens, f"{header}.{content}.{flipped}") == "token_invalid"


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "no token",
        "für.玩家.🎰",
        "\x00",
        "e30.e30.",
        "bnVsbA.e30.x",
        "W10.e30.x",
    ],
)
def test_garbage_is_refused(tokens: Tokens, token: str) -> None:
    """No other error is raised."""
    assert code_of_refusal(tokens, token) == "token_invalid"


@pytest.mark.parametrize("kid", [None, 7, ["x"], {"x": 1}, "unknown", ""])
def test_a_key_id_that_is_not_ours_is_refused(tokens: Tokens, kid: object) -> None:
    """Key ids of any type are refused, although the signature is right."""
    _, content, _ = forged(claims()).split(".")
    signed = f"{base64({'alg': 'HS256', 'typ': 'JWT', 'kid': kid})}.{content}"
    digest = hmac.digest(SECRET.encode(), signed.encode(), "sha256")
    signature = urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert code_of_refusal(tokens, f"{signed}.{signature}") == "token_invalid"
