"""Settings of who may do what, how often, and how that is proved."""

import typed_settings as ts
from attrs.validators import deep_iterable, in_, min_len

from adapters.outbound.security.jwt_keys import KEY_PAIR_ALGORITHMS, pem_key
from bootstrap.settings.choices import ManagementServe
from bootstrap.settings.options import (
    MIN_SECRET_BYTES,
    check_jwks_url,
    check_optional_secret,
    check_origins,
    check_secret,
    checked,
    number,
)

DEV_ORIGINS = (
    "http://localhost:3000",
    "http://localhost:5173",
    "http://127.0.0.1:3000",
    "http://127.0.0.1:5173",
)
"""Where front ends are developed: allowed in `dev` unless others are named."""


@ts.settings(frozen=True)
class CorsSettings:
    """The pages of other origins that may use the API."""

    origins: str = ts.option(
        default="",
        help="origins such as https://play.example, in lower case and without a path, "
        "comma-separated",
        validator=checked(check_origins),
    )


@ts.settings(frozen=True)
class HttpSettings:
    """What every HTTP response says."""

    hsts_s: int = number(
        0, "seconds for Strict-Transport-Security, from 0; only in prod, behind TLS", 0, 10**9
    )


@ts.settings(frozen=True)
class JwtSettings:
    """Key pairs for access tokens, and an external issuer of access tokens."""

    key_files: list[str] = ts.option(
        factory=list,
        help="PEM files with keys of Ed25519, P-256 or RSA, comma-separated; the first private key "
        "signs, all of them verify",
        validator=deep_iterable(checked(pem_key)),
    )
    leeway_s: float = number(
        5.0, "seconds that the clock of whoever issued a token may be ahead, from 0", 0, 60
    )
    jwks_url: str = ts.option(
        default="",
        help="the https address of an external issuer's key set; no external issuer when empty",
        validator=checked(check_jwks_url),
    )
    jwks_issuer: str = ts.option(default="", help="the claim `iss` of the external issuer's tokens")
    jwks_audience: str = ts.option(default="", help="a claim `aud` that means this deployment")
    jwks_algorithms: list[str] = ts.option(
        factory=lambda: list(KEY_PAIR_ALGORITHMS),
        help=f"its algorithms, comma-separated, of {', '.join(KEY_PAIR_ALGORITHMS)}",
        validator=[min_len(1), deep_iterable(in_(KEY_PAIR_ALGORITHMS))],
    )
    jwks_user_claim: str = ts.option(
        default="sub", help="the claim of the external issuer's tokens that holds our user id"
    )
    jwks_refresh_s: float = number(
        300.0, "seconds between fetches of the external issuer's keys, from 1", 1, 86_400
    )


@ts.settings(frozen=True)
class PasswordSettings:
    """How passwords are checked: the queue for hashes, and the delays after failures."""

    concurrent_hashes: int = number(
        1, "hashes at a time, from 1; each takes 64 MiB and keeps up to four cores busy", 1, 64
    )
    waiting: int = number(100, "sign-ins that may wait for a hash, from 1", 1, 100_000)
    wait_s: float = number(10.0, "seconds that a sign-in may wait for a hash, from 0.1", 0.1, 120)
    free_failures: int = number(
        5, "failures of an account from an address before the first delay, from 1", 1, 10**6
    )
    first_delay_s: float = number(
        2.0, "seconds of the first delay, which doubles with each failure, from 0.1", 0.1, 3600
    )
    longest_delay_s: float = number(900.0, "seconds of the longest delay, from 0.1", 0.1, 86_400)
    address_failures: int = number(
        50, "failures of an address with any accounts before the first delay, from 1", 1, 10**6
    )
    account_failures: int = number(
        100, "failures of an account before new addresses get one attempt each, from 1", 1, 10**6
    )


@ts.settings(frozen=True)
class ManagementSettings:
    """Who sees `/metrics`, `/schema` and the details of `/health/ready`."""

    serve: ManagementServe = ts.option(
        default=ManagementServe.AUTO,
        help="main (everybody who reaches the main port), separate (a port of its own) or auto "
        "(separate in prod)",
    )
    host: str = ts.option(default="127.0.0.1", help="an address for the separate port")
    port: int = number(0, "a port up to 65535, or 0 for 1000 above the main port", 0, 65_535)


@ts.settings(frozen=True)
class AuditSettings:
    """The audit log of operators' acts."""

    secret: ts.SecretStr = ts.secret(
        default=ts.SecretStr(""),
        help=f"a secret of at least {MIN_SECRET_BYTES} bytes; SYNCHUB_JWT_SECRET if empty",
        validator=check_optional_secret,
    )
    previous_secrets: list[ts.SecretStr] = ts.option(
        factory=list,
        help="secrets of earlier entries, comma-separated, the newest first",
        validator=deep_iterable(check_secret),
    )


@ts.settings(frozen=True)
class FairnessSettings:
    """The secret from which, with random salts in the database, server seeds are derived."""

    secret: ts.SecretStr = ts.secret(
        default=ts.SecretStr(""),
        help=f"a secret of at least {MIN_SECRET_BYTES} bytes, or nothing: then whoever can read "
        "the database can predict games",
        validator=check_optional_secret,
    )
    previous_secrets: list[ts.SecretStr] = ts.option(
        factory=list,
        help="secrets that seeds in use were derived from, comma-separated",
        validator=deep_iterable(check_secret),
    )
