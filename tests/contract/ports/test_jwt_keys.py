"""Keys of access tokens: several at once, each with its algorithm, and their rotation."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa

from adapters.outbound.security.jwt_keys import JwtKey, pem_key, secret_key
from adapters.outbound.security.jwt_tokens import (
    AUDIENCE,
    ISSUER,
    OPERATOR_AUDIENCE,
    TYPE,
    JwtTokens,
)
from application.ports.tokens import Caller
from bootstrap.settings.protection import JwtSettings
from domain.account import Role
from domain.errors import Unauthenticated
from tests.support.client import Client, http_client, sign_up
from tests.support.key_pairs import ALGORITHMS, KeyPair, new_key_pair
from tests.support.node import node_settings, running_node

SECRET = "the present secret, 32 bytes or more"
NOW = datetime.now(UTC).replace(microsecond=0)
CALLER = Caller(
    user_id=7, login_id="login", role=Role.ADMIN, version=3, expires_at=NOW + timedelta(hours=1)
)

each_algorithm = pytest.mark.parametrize("algorithm", ALGORITHMS)


def refusal(tokens: JwtTokens, token: str) -> str:
    with pytest.raises(Unauthenticated) as refused:
        tokens.verify(token)
    return refused.value.error_code


def claims(issued_at: datetime = NOW) -> dict[str, object]:
    return {
        "iss": ISSUER,
        "aud": OPERATOR_AUDIENCE,
        "sub": "7",
        "sid": "login",
        "role": "admin",
        "ver": 3,
        "iat": issued_at,
        "exp": NOW + timedelta(hours=1),
    }


@each_algorithm
def test_key_pair_signs_and_verifies(algorithm: str, tmp_path: Path) -> None:
    """Its kind tells the algorithm, and its public part is published and verifies on its own."""
    key = new_key_pair(algorithm).key(tmp_path)
    tokens = JwtTokens([key])
    token = tokens.issue(CALLER, NOW)
    assert tokens.verify(token) == CALLER
    header = jwt.get_unverified_header(token)
    assert header == {"alg": algorithm, "typ": "at+jwt", "kid": key.kid}
    [published] = tokens.public_keys()
    assert published["kid"] == key.kid
    assert not {"d", "p", "q"} & published.keys()
    said = jwt.decode(token, jwt.PyJWK(dict(published)), audience=OPERATOR_AUDIENCE)
    assert said["sub"] == "7"


@each_algorithm
def test_key_of_one_algorithm_verifies_no_other(algorithm: str, tmp_path: Path) -> None:
    """A public key is no secret: a token that uses it as one is refused."""
    pair = new_key_pair(algorithm)
    key = pair.key(tmp_path)
    tokens = JwtTokens([key, secret_key(SECRET)])
    header = {"typ": TYPE, "kid": key.kid, "alg": "HS256"}
    signed = b".".join(
        jwt.utils.base64url_encode(json.dumps(part, default=_seconds).encode())
        for part in (header, claims())
    )
    for secret in (pair.public_pem(), pair.public_pem().strip(), b"", SECRET.encode()):
        mac = jwt.get_algorithm_by_name("HS256").sign(signed, secret)
        token = (signed + b"." + jwt.utils.base64url_encode(mac)).decode()
        assert refusal(tokens, token) == "token_invalid"


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


@each_algorithm
def test_private_key_with_the_id_of_another_is_refused(algorithm: str, tmp_path: Path) -> None:
    """The id selects the key, and the key has to fit."""
    ours, foreign = new_key_pair(), new_key_pair(algorithm)
    key = ours.key(tmp_path)
    headers = {"kid": key.kid, "typ": TYPE}
    token = jwt.encode(claims(), foreign.private, algorithm, headers=headers)
    assert refusal(JwtTokens([key]), token) == "token_invalid"


@pytest.mark.parametrize("header", ["jku", "jwk", "x5u", "x5c"])
def test_key_in_the_header_is_ignored(header: str, tmp_path: Path) -> None:
    """The sender of a token does not choose the key (RFC 8725, section 3.10)."""
    foreign = new_key_pair()
    values = {
        "jku": "http://127.0.0.1:9/keys",
        "jwk": foreign.jwk("mine"),
        "x5u": "http://127.0.0.1:9/keys",
        "x5c": ["MIIB"],
    }
    key = new_key_pair().key(tmp_path)
    headers = {"kid": key.kid, "typ": TYPE, header: values[header]}
    token = jwt.encode(claims(), foreign.private, "EdDSA", headers=headers)
    assert refusal(JwtTokens([key]), token) == "token_invalid"


def test_rotation_of_key_pairs(tmp_path: Path) -> None:
    """The first private key signs, all verify; the order of the files is the rotation."""
    old, new = (new_key_pair().private_file(tmp_path, name) for name in ("old.pem", "new.pem"))
    steps = [[old], [old, new], [new, old], [new]]
    nodes = [JwtTokens([*map(pem_key, files)]) for files in steps]
    for before, after in pairwise(nodes):
        assert before.verify(after.issue(CALLER, NOW)) == CALLER
        assert after.verify(before.issue(CALLER, NOW)) == CALLER
    assert refusal(nodes[3], nodes[0].issue(CALLER, NOW)) == "token_invalid"


def test_way_from_a_secret_to_a_key_pair(tmp_path: Path) -> None:
    """A public key verifies only; so the secret goes on signing until every node knows the key."""
    pair = new_key_pair()
    public = pem_key(pair.public_file(tmp_path))
    private, secret = pair.key(tmp_path), secret_key(SECRET)
    nodes = [
        JwtTokens([secret]),
        JwtTokens([public, secret]),
        JwtTokens([private, secret]),
        JwtTokens([private]),
    ]
    for before, after in pairwise(nodes):
        assert before.verify(after.issue(CALLER, NOW)) == CALLER
        assert after.verify(before.issue(CALLER, NOW)) == CALLER
    assert [bool(node.public_keys()) for node in nodes] == [False, True, True, True]


UNUSABLE = {
    "p384": KeyPair(ec.generate_private_key(ec.SECP384R1())),
    "secp256k1": KeyPair(ec.generate_private_key(ec.SECP256K1())),
    "ed448": KeyPair(ed448.Ed448PrivateKey.generate()),
    "rsa_1024": KeyPair(rsa.generate_private_key(65537, 1024)),  # noqa: S505 (refused)
}


@pytest.mark.parametrize("pair", UNUSABLE.values(), ids=UNUSABLE)
def test_weak_or_unknown_key_is_refused(pair: KeyPair, tmp_path: Path) -> None:
    """At the start, whether it is private or public (RFC 8725, sections 3.2 and 3.5)."""
    for path in (pair.private_file(tmp_path), pair.public_file(tmp_path)):
        with pytest.raises(ValueError, match="is no key of"):
            pem_key(path)


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA", None])
def test_file_without_a_key_is_refused(content: bytes | None, tmp_path: Path) -> None:
    """The message names the file."""
    path = tmp_path / "key.pem"
    if content is None:
        new_key_pair().private_file(tmp_path, "key.pem", password=b"secret")
    else:
        path.write_bytes(content)
    for name in (path, tmp_path / "missing.pem"):
        with pytest.raises(ValueError, match=name.name):
            pem_key(str(name))


@pytest.mark.parametrize("ahead_s", [3, 30])
def test_leeway_is_for_clocks_that_are_ahead(ahead_s: int) -> None:
    """A token that was issued in the future by a few seconds is accepted."""
    headers = {"kid": secret_key(SECRET).kid, "typ": TYPE}
    issued_at = datetime.now(UTC) + timedelta(seconds=ahead_s)
    for claim in ("iat", "nbf"):
        said = {**claims(), claim: issued_at}
        token = jwt.encode(said, SECRET, "HS256", headers=headers)
        assert refusal(JwtTokens([secret_key(SECRET)]), token) == "token_invalid"
        lenient = JwtTokens([secret_key(SECRET)], leeway_s=5)
        if ahead_s < 5:
            assert lenient.verify(token) == CALLER
        else:
            assert refusal(lenient, token) == "token_invalid"


@pytest.mark.parametrize("leeway_s", [0, 5])
def test_leeway_prolongs_nothing(leeway_s: float) -> None:
    """A token that expired a second ago has expired."""
    headers = {"kid": secret_key(SECRET).kid, "typ": TYPE}
    said = {**claims(NOW - timedelta(hours=1)), "exp": int(datetime.now(UTC).timestamp()) - 1}
    token = jwt.encode(said, SECRET, "HS256", headers=headers)
    assert refusal(JwtTokens([secret_key(SECRET)], leeway_s), token) == "token_expired"


def test_secrets_are_not_shown() -> None:
    """Not in a log line or a traceback either."""
    assert SECRET not in repr(secret_key(SECRET))


async def test_keys_are_served(http: httpx.AsyncClient, tmp_path: Path) -> None:
    """A node with a key pair publishes it and issues tokens with it; one with a secret has none."""
    assert (await http.get("/.well-known/jwks.json")).json() == {"keys": []}
    pair = new_key_pair("ES256")
    jwt_settings = JwtSettings(key_files=[pair.private_file(tmp_path)])
    settings = node_settings(tmp_path, jwt=jwt_settings)
    async with running_node(settings) as node, http_client(node) as own:
        player: Client = await sign_up(own, node)
        await player.ok("GET", "/api/auth/me")
        answer = await own.get("/.well-known/jwks.json")
        assert answer.headers["cache-control"] == "max-age=300, public"
        keys = jwt.PyJWKSet.from_dict(answer.json())
        key = keys[jwt.get_unverified_header(player.access_token)["kid"]]
        said = jwt.decode(player.access_token, key, audience=AUDIENCE, issuer=ISSUER)
        assert said["sub"] == str(player.user_id)


def test_key_ids_are_the_same_on_every_node(tmp_path: Path) -> None:
    """The thumbprint of RFC 7638, of a private key and of its public part."""
    pair = new_key_pair()
    keys: list[JwtKey] = [pair.key(tmp_path), pem_key(pair.public_file(tmp_path))]
    assert len({key.kid for key in keys}) == 1
