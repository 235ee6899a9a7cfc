"""Access tokens that must not be accepted, each wrong in one way."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.support.client import Client

SECRET = "for-development-only-never-for-production"
FOREIGN_SECRET = "somebody-else-made-this-secret-up-on-their-own"

Forge = Callable[[Client], str]


def mint(
    player: Client,
    *,
    secret: str = SECRET,
    digest: str = "sha256",
    header: dict[str, Any] | None = None,
    without: str = "",
    **claims: Any,
) -> str:
    """The player's token with these changes, signed anew."""
    old_header, old_claims, _ = map(_decoded, player.access_token.split("."))
    changed = {**old_header, **(header or {})}, {**old_claims, **claims}
    kept = [{name: part[name] for name in part if name != without} for part in changed]
    return sign(*kept, secret=secret, digest=digest)


def sign(header: object, claims: object, *, secret: str = SECRET, digest: str = "sha256") -> str:
    """A JWT by hand, since no library makes wrong ones."""
    signed = b".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
    signature = hmac.digest(secret.encode(), signed, digest) if secret else b""
    return (signed + b"." + _encoded(signature)).decode()


def _encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _decoded(part: str) -> Any:
    data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    return json.loads(data) if data.startswith(b"{") else data


def _with_payload_of(player: Client, other: str) -> str:
    """The claims of another token under the signature of the player's."""
    header, _, signature = player.access_token.split(".")
    return f"{header}.{other.split('.')[1]}.{signature}"


REFUSED: dict[str, Forge] = {
    "garbage": lambda _: "garbage",
    "three_dots": lambda _: "...",
    "no_base64": lambda _: "a.b.c",
    "nul": lambda _: "%00",
    "long": lambda _: "a" * 7_000,
    "refresh_token": lambda player: player.refresh_token,
    "cut_short": lambda player: player.access_token[:-10],
    "without_signature": lambda player: player.access_token.rpartition(".")[0] + ".",
    "two_parts": lambda player: player.access_token.rpartition(".")[0],
    "twice": lambda player: player.access_token * 2,
    "foreign_secret": lambda player: mint(player, secret=FOREIGN_SECRET),
    "made_an_admin": lambda player: _with_payload_of(player, mint(player, role="admin")),
    "alg_none": lambda player: mint(player, secret="", header={"alg": "none"}),
    "alg_none_signed": lambda player: mint(player, header={"alg": "none"}),
    "alg_None": lambda player: mint(player, secret="", header={"alg": "None"}),
    "hs512": lambda player: mint(player, digest="sha512", header={"alg": "HS512"}),
    "hs384": lambda player: mint(player, digest="sha384", header={"alg": "HS384"}),
    "rs256": lambda player: mint(player, header={"alg": "RS256"}),
    "alg_list": lambda player: mint(player, header={"alg": ["HS256"]}),
    "alg_missing": lambda player: mint(player, without="alg"),
    "kid_unknown": lambda player: mint(player, header={"kid": "unheard-of"}),
    "kid_missing": lambda player: mint(player, without="kid"),
    "kid_null": lambda player: mint(player, header={"kid": None}),
    "kid_number": lambda player: mint(player, header={"kid": 7}),
    "kid_list": lambda player: mint(player, header={"kid": ["a"]}),
    "kid_object": lambda player: mint(player, header={"kid": {"a": 1}}),
    "kid_path": lambda player: mint(player, header={"kid": "../../dev/null"}, secret=""),
    "crit": lambda player: mint(player, header={"crit": ["unheard-of"]}),
    "typ_jwt": lambda player: mint(player, header={"typ": "JWT"}),
    "typ_other": lambda player: mint(player, header={"typ": "logout+jwt"}),
    "typ_missing": lambda player: mint(player, without="typ"),
    "typ_null": lambda player: mint(player, header={"typ": None}),
    "typ_list": lambda player: mint(player, header={"typ": ["at+jwt"]}),
    "header_list": lambda player: sign([], {}),
    "claims_list": lambda player: sign(_decoded(player.access_token.split(".")[0]), []),
    "claims_null": lambda player: sign(_decoded(player.access_token.split(".")[0]), None),
    "iss_wrong": lambda player: mint(player, iss="somebody-else"),
    "iss_list": lambda player: mint(player, iss=["unified-sync-hub"]),
    "aud_wrong": lambda player: mint(player, aud="somebody-else"),
    "aud_list": lambda player: mint(player, aud=["unified-sync-hub", "somebody-else"]),
    "admin_for_players": lambda player: mint(player, role="admin", aud="unified-sync-hub"),
    "player_for_admins": lambda player: mint(player, role="player", aud="unified-sync-hub-admin"),
    "sub_word": lambda player: mint(player, sub="word"),
    "sub_empty": lambda player: mint(player, sub=""),
    "sub_number": lambda player: mint(player, sub=player.user_id),
    "sub_null": lambda player: mint(player, sub=None),
    "sub_fraction": lambda player: mint(player, sub="1.5"),
    "sub_5000_digits": lambda player: mint(player, sub="9" * 5_000),
    "role_unknown": lambda player: mint(player, role="emperor"),
    "role_null": lambda player: mint(player, role=None),
    "role_list": lambda player: mint(player, role=["admin"]),
    "ver_word": lambda player: mint(player, ver="first"),
    "ver_null": lambda player: mint(player, ver=None),
    "ver_boolean": lambda player: mint(player, ver=True),
    "ver_list": lambda player: mint(player, ver=[1]),
    "exp_word": lambda player: mint(player, exp="tomorrow"),
    "exp_null": lambda player: mint(player, exp=None),
    "exp_list": lambda player: mint(player, exp=[]),
    "exp_10_to_20": lambda player: mint(player, exp=10**20),
    "exp_infinite": lambda player: mint(player, exp=float("inf")),
    "iat_word": lambda player: mint(player, iat="yesterday"),
    "iat_in_the_future": lambda player: mint(player, iat=time.time() + 3_000),
    "nbf_in_the_future": lambda player: mint(player, nbf=time.time() + 3_000),
    **{
        f"{claim}_missing": partial(mint, without=claim)
        for claim in ("iss", "aud", "sub", "sid", "role", "ver", "iat", "exp")
    },
}
"""Answered with `token_invalid`."""

EXPIRED: dict[str, Forge] = {
    "just_expired": lambda player: mint(player, exp=int(time.time()) - 1),
    "long_expired": lambda player: mint(player, exp=0, iat=0),
    "expired_before_the_epoch": lambda player: mint(player, exp=-(10**12)),
}
"""Answered with `token_expired`."""

BAD_TOKENS = [
    *((name, forge, "token_invalid") for name, forge in REFUSED.items()),
    *((name, forge, "token_expired") for name, forge in EXPIRED.items()),
    ("empty", lambda _: "", "token_missing"),
]
