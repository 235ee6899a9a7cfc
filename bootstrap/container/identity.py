"""Passwords, tokens and logins."""

from datetime import timedelta

from dependency_injector import containers, providers

from adapters.outbound.security.argon2_passwords import Argon2Passwords
from adapters.outbound.security.hash_queue import HashQueue, QueueLimits
from adapters.outbound.security.jwks_issuer import JwksAccess, JwksIssuer
from adapters.outbound.security.jwt_keys import JwtKey, pem_key, secret_key
from adapters.outbound.security.jwt_tokens import JwtTokens
from adapters.outbound.security.listed_passwords import ListedPasswords
from adapters.outbound.security.memory_sign_in_failures import MemorySignInFailures
from adapters.outbound.security.redis_sign_in_failures import RedisSignInFailures
from application.identity.authenticator import Authenticator
from application.identity.external_logins import ExternalLogins
from application.identity.revocations import Revocations
from application.identity.sign_in_throttle import SignInThrottle, ThrottleLimits
from application.identity.token_service import TokenLifetimes, TokenService
from application.jobs.revocation_poller import LOOK_BACK
from application.ports.sign_in_failures import Backoff, SignInFailures
from bootstrap.container.cluster import Cluster
from bootstrap.container.core import Core
from bootstrap.container.limits import storage_of
from bootstrap.container.storage import Storage
from bootstrap.settings.protection import JwtSettings, PasswordSettings
from bootstrap.settings.settings import Settings, jwt_secrets


def _jwt_keys(settings: Settings) -> list[JwtKey]:
    """All keys of access tokens; the first that can sign does."""
    pairs = map(pem_key, settings.jwt.key_files)
    return [*pairs, *map(secret_key, jwt_secrets(settings))]


def _jwks_access(jwt: JwtSettings) -> JwksAccess:
    return JwksAccess(
        url=jwt.jwks_url,
        issuer=jwt.jwks_issuer,
        audience=jwt.jwks_audience,
        algorithms=jwt.jwks_algorithms,
        user_claim=jwt.jwks_user_claim,
        leeway_s=jwt.leeway_s,
    )


def _throttle_limits(passwords: PasswordSettings) -> ThrottleLimits:
    longest_s = passwords.longest_delay_s
    return ThrottleLimits(
        pair=Backoff(
            free=passwords.free_failures,
            first_s=passwords.first_delay_s,
            limit_s=longest_s,
            forget_s=4 * longest_s,
        ),
        address=Backoff(
            free=passwords.address_failures, first_s=1.0, limit_s=60.0, forget_s=3600.0
        ),
        strange=Backoff(free=1, first_s=60.0, limit_s=4 * longest_s, forget_s=86_400.0),
        account=passwords.account_failures,
    )


class Identity(containers.DeclarativeContainer):
    """Who somebody is, and the delays after failed sign-ins."""

    hash_queue = providers.Singleton(
        lambda settings, telemetry: HashQueue(
            QueueLimits(
                concurrent=settings.passwords.concurrent_hashes,
                waiting=settings.passwords.waiting,
                wait_s=settings.passwords.wait_s,
            ),
            telemetry,
        ),
        Core.settings,
        Core.telemetry,
    )
    passwords = providers.Singleton(Argon2Passwords, hash_queue)
    common_passwords = providers.Singleton(ListedPasswords)
    tokens = providers.Singleton(
        lambda settings: JwtTokens(_jwt_keys(settings), settings.jwt.leeway_s), Core.settings
    )
    token_lifetimes = providers.Singleton(
        lambda settings: TokenLifetimes(
            access=timedelta(seconds=settings.access_token_s),
            refresh=timedelta(seconds=settings.refresh_token_s),
            login=timedelta(seconds=settings.login_s),
        ),
        Core.settings,
    )
    revocations = providers.Singleton(
        lambda clock, lifetimes: Revocations(clock, (lifetimes.access + LOOK_BACK).total_seconds()),
        Core.clock,
        token_lifetimes,
    )
    has_external_issuer = providers.Callable(
        lambda settings: "yes" if settings.jwt.jwks_url else "no", Core.settings
    )
    external_issuer = providers.Singleton(
        lambda settings, clock, telemetry: JwksIssuer(_jwks_access(settings.jwt), clock, telemetry),
        Core.settings,
        Core.clock,
        Core.telemetry,
    )
    external_logins = providers.Selector(
        has_external_issuer,
        no=providers.Object(None),
        yes=providers.Singleton(
            ExternalLogins,
            external_issuer,
            Storage.unit_of_work,
            Core.clock,
            token_lifetimes.provided.access,
        ),
    )
    authenticator = providers.Singleton(
        Authenticator, tokens, revocations, Core.telemetry, external_logins
    )
    local_sign_in_failures = providers.Singleton(MemorySignInFailures, Core.clock)
    sign_in_failures: providers.Provider[SignInFailures] = providers.Selector(
        providers.Callable(storage_of, Core.settings),
        memory=local_sign_in_failures,
        redis=providers.Singleton(
            RedisSignInFailures, Cluster.redis_access, local_sign_in_failures
        ),
    )
    sign_in_throttle = providers.Singleton(
        lambda settings, failures, telemetry: SignInThrottle(
            failures, telemetry, _throttle_limits(settings.passwords)
        ),
        Core.settings,
        sign_in_failures,
        Core.telemetry,
    )
    token_service = providers.Singleton(TokenService, tokens, Core.clock, Core.ids, token_lifetimes)
