"""Access tokens of an external issuer: its keys, its tokens, and our accounts."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from attrs import define, evolve

from adapters.outbound.security import jwks_issuer
from adapters.outbound.security.jwks_issuer import UNKNOWN_KEY_S, JwksAccess, JwksIssuer
from application.ports.external_issuer import ExternalIssuer
from application.ports.telemetry import Counted
from bootstrap.settings.protection import JwtSettings
from domain.errors import Unauthenticated
from tests.support.bad_tokens import sign
from tests.support.client import (
    MONITOR,
    Client,
    http_client,
    log_in,
    refused_handshake,
    sign_up,
    sign_up_admin,
)
from tests.support.client import PASSWORD as ACCOUNT_PASSWORD
from tests.support.key_pairs import (
    ALGORITHMS,
    AUDIENCE,
    ISSUER,
    KeyPair,
    KeySetServer,
    key_set_server,
    new_key_pair,
)
from tests.support.node import Node, node_settings, running_node
from tests.support.recording_telemetry import RecordingTelemetry
from tests.support.stepping import FakeClock


@define(eq=False)
class Issuer:
    """An issuer with one key, which the product has not fetched yet."""

    server: KeySetServer
    pair: KeyPair
    clock: FakeClock
    telemetry: RecordingTelemetry
    port: ExternalIssuer

    async def refusal(self, token: str) -> str:
        with pytest.raises(Unauthenticated) as refused:
            await self.port.verify(token)
        return refused.value.error_code


@pytest_asyncio.fixture
async def issuer() -> AsyncIterator[Issuer]:
    pair, clock, telemetry = new_key_pair(), FakeClock(), RecordingTelemetry()
    async with key_set_server(pair.jwk("one")) as server:
        access = JwksAccess(
            url=server.url, issuer=ISSUER, audience=AUDIENCE, algorithms=list(ALGORITHMS)
        )
        yield Issuer(server, pair, clock, telemetry, JwksIssuer(access, clock, telemetry))


async def test_token_names_a_user(issuer: Issuer) -> None:
    """The keys are fetched once; `claims` looks at the issuer only."""
    for _ in range(3):
        identity = await issuer.port.verify(issuer.pair.token())
        assert identity.user_id == 7
    assert issuer.server.requests == 1
    assert issuer.port.claims(issuer.pair.token())
    for token in (issuer.pair.token(iss="somebody else"), "garbage", "", "a.b.c", "..", "\x00"):
        assert not issuer.port.claims(token)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_each_algorithm(issuer: Issuer, algorithm: str) -> None:
    """With and without `alg` in the key set."""
    for alg in (algorithm, None):
        pair = new_key_pair(algorithm)
        issuer.server.keys = [pair.jwk("one", alg=alg)]
        await issuer.port.refresh()
        assert (await issuer.port.verify(pair.token())).user_id == 7


async def test_wrong_tokens(issuer: Issuer) -> None:
    """Every claim is checked, and the algorithm is that of the key."""
    token = issuer.pair.token
    wrong = [
        token(iss="somebody else"),
        token(aud="somebody else"),
        token(aud=None),
        token(exp=None),
        token(iat=None),
        token(sub=None),
        token(sub="ada"),
        token(iat=time.time() + 60),
        token(nbf=time.time() + 60),
        token(kid="unknown"),
        new_key_pair().token(),
        new_key_pair("ES256").token(),
        sign({"alg": "none", "kid": "one"}, {"iss": ISSUER}, secret=""),
        sign({"alg": "HS256", "kid": "one"}, {"iss": ISSUER}, secret="x" * 32),
        sign({"alg": "EdDSA", "kid": ["one"]}, {"iss": ISSUER}),
        "garbage",
    ]
    for one in wrong:
        assert await issuer.refusal(one) == "token_invalid"
    assert await issuer.refusal(token(exp=time.time() - 1, iat=0)) == "token_expired"
    assert (await issuer.port.verify(token(aud=[AUDIENCE, "others"]))).user_id == 7


async def test_unusable_keys_are_ignored(issuer: Issuer) -> None:
    """Secrets, keys for encryption, keys without an id or of a forbidden algorithm."""
    issuer.server.keys = [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "oct", "alg": "HS256"},
        issuer.pair.jwk("enc", use="enc"),
        issuer.pair.jwk("none", alg="none"),
        issuer.pair.jwk("hs", alg="HS256"),
        {**issuer.pair.jwk(""), "kid": None},
        {"kid": "empty"},
        {"kid": "odd", "kty": ["EC"], "crv": "P-256"},
        {"kid": "odd", "kty": "EC", "crv": "P-256", "x": 7, "y": []},
        {"kid": "odd", "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kid": "odd", "kty": "RSA", "n": "!!", "e": ""},
        {"kid": "odd", "kty": "OKP", "crv": {}, "x": "AA"},
        {"kid": "odd", "kty": "OKP", "crv": "Ed25519", "x": "AA", "alg": ["EdDSA"]},
        issuer.pair.jwk("one"),
    ]
    await issuer.port.verify(issuer.pair.token())
    for kid in ("oct", "enc", "none", "hs", "empty", "odd"):
        assert await issuer.refusal(issuer.pair.token(kid)) == "token_invalid"


async def test_unknown_key_is_fetched_at_most_every_so_often(issuer: Issuer) -> None:
    """Made-up ids do not make us ask again; a new key is found after that time."""
    await issuer.port.verify(issuer.pair.token())
    new = new_key_pair()
    issuer.server.keys.append(new.jwk("two"))
    for _ in range(5):
        assert await issuer.refusal(new.token("two")) == "token_invalid"
    assert issuer.server.requests == 1
    issuer.clock.advance(UNKNOWN_KEY_S)
    await asyncio.gather(*(issuer.port.verify(new.token("two")) for _ in range(5)))
    assert issuer.server.requests == 2
    await issuer.port.verify(issuer.pair.token())


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500},
        {"status": 302},
        {"body": b"no json"},
        {"body": b"[]"},
        {"body": b'{"keys": []}'},
        {"body": b'{"keys": 7}'},
        {"body": b"[" * 100_000},
        {"body": b" " * (jwks_issuer.FETCH_BYTES + 1)},
    ],
)
async def test_old_keys_stay_while_the_issuer_is_away(
    issuer: Issuer, answer: dict[str, object]
) -> None:
    """Whatever it answers; the failure is counted."""
    await issuer.port.refresh()
    for name, value in answer.items():
        setattr(issuer.server, name, value)
    await issuer.port.refresh()
    assert issuer.telemetry.counts[Counted.KEY_FETCHES, "failed"] == 1
    await issuer.port.verify(issuer.pair.token())


async def test_issuer_that_does_not_answer_is_given_up(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing waits for it for long."""
    monkeypatch.setattr(jwks_issuer, "FETCH_S", 0.05)
    issuer.server.answering.clear()
    assert await issuer.refusal(issuer.pair.token()) == "token_invalid"
    assert issuer.telemetry.counts[Counted.KEY_FETCHES, "failed"] == 1


async def test_removed_key_is_refused_after_the_next_fetch(issuer: Issuer) -> None:
    """Every refresh replaces the keys."""
    await issuer.port.verify(issuer.pair.token())
    issuer.server.keys = [new_key_pair().jwk("two")]
    await issuer.port.refresh()
    assert await issuer.refusal(issuer.pair.token()) == "token_invalid"


@define(eq=False)
class Federation:
    """A node that accepts tokens of the issuer, and an operator of ours."""

    node: Node
    http: httpx.AsyncClient
    pair: KeyPair
    boss: Client

    def external(self, client: Client, **claims: object) -> Client:
        """The same user with a token of the issuer, issued after the account was opened."""
        claims.setdefault("sub", str(client.user_id))
        token = self.pair.token("one", **claims)
        return evolve(client, access_token=token)

    async def block(self, client: Client, call: str = "block") -> None:
        body = {"user_id": client.user_id}
        await self.boss.ok("POST", f"/api/admin/users/{call}", body)


@pytest_asyncio.fixture
async def federation(tmp_path: Path) -> AsyncIterator[Federation]:
    pair = new_key_pair("ES256")
    async with key_set_server(pair.jwk("one")) as server:
        jwt = JwtSettings(jwks_url=server.url, jwks_issuer=ISSUER, jwks_audience=AUDIENCE)
        settings = node_settings(tmp_path, jwt=jwt)
        async with running_node(settings) as node, http_client(node) as http:
            yield Federation(node, http, pair, await sign_up_admin(http, node))


async def code_of(client: Client) -> str:
    response = await client.call("GET", "/api/auth/me")
    return str(response.json().get("code", response.status_code))


async def test_external_token_works_like_ours(federation: Federation) -> None:
    """REST and sockets; our own tokens go on working."""
    player = await sign_up(federation.http, federation.node)
    external = federation.external(player)
    assert (await external.ok("GET", "/api/auth/me"))["id"] == player.user_id
    async with external.device() as device:
        await device.until("initial_state")
        await player.spin()
        await device.until("game_event")


async def test_external_token_is_never_an_operators(federation: Federation) -> None:
    """Whatever it claims, and whatever the account's role is."""
    external = federation.external(federation.boss, role="admin")
    assert await code_of(external) == "200"
    assert await refused_handshake(external, MONITOR) == 403


async def test_external_token_of_nobody(federation: Federation) -> None:
    """There has to be an account."""
    assert await code_of(federation.external(federation.boss, sub="999999")) == "unknown_user"
    assert await code_of(federation.external(federation.boss, sub="ada")) == "token_invalid"


async def test_block_ends_external_tokens(federation: Federation) -> None:
    """Known ones and new ones; those from before the block stay invalid after it."""
    player = await sign_up(federation.http, federation.node)
    external, unseen = federation.external(player), federation.external(player, jti="unseen")
    async with external.device() as device:
        await device.until("initial_state")
        await federation.block(player)
        assert await device.close_code() == 4401
    assert await code_of(external) == "token_outdated"
    assert await code_of(unseen) == "account_blocked"
    await federation.block(player, "unblock")
    assert await code_of(unseen) == "token_outdated"
    assert await code_of(federation.external(player, iat=time.time() + 1)) == "200"


async def test_sign_out_ends_external_tokens(federation: Federation) -> None:
    """All that were issued until now; our own logins go on."""
    player = await sign_up(federation.http, federation.node)
    external = federation.external(player)
    await external.ok("POST", "/api/auth/logout", {})
    assert await code_of(external) == "token_revoked"
    assert await code_of(federation.external(player, jti="unseen")) == "token_outdated"
    again = await log_in(federation.http, federation.node, player.site_id, ACCOUNT_PASSWORD)
    assert await code_of(again) == "200"
