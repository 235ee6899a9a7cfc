"""All settings, and what follows from several of them."""

from contextlib import suppress

import typed_settings as ts
from attrs.validators import deep_iterable

from adapters.outbound.security.jwt_keys import pem_key
from adapters.outbound.sql.engines import parse_database_url
from bootstrap.settings.choices import (
    BroadcasterKind,
    Environment,
    LogLevel,
    ManagementServe,
    QueryToken,
)
from bootstrap.settings.limits import LimitSettings
from bootstrap.settings.links import BrokerSettings, KafkaSettings, PostgresSettings, RedisSettings
from bootstrap.settings.options import (
    MIN_SECRET_BYTES,
    address_of_database,
    check_secret,
    checked,
    number,
)
from bootstrap.settings.protection import (
    DEV_ORIGINS,
    AuditSettings,
    CorsSettings,
    FairnessSettings,
    HttpSettings,
    JwtSettings,
    ManagementSettings,
    PasswordSettings,
)
from bootstrap.settings.realtime import JournalSettings, LegacySettings, RealtimeSettings
from bootstrap.settings.secret_strength import DEV_SECRET


@ts.settings(frozen=True)
class Settings:
    """What a deployment may choose. `help` says what a setting takes."""

    env: Environment = ts.option(default=Environment.DEV, help="dev or prod")
    host: str = ts.option(default="127.0.0.1", help="an address to listen on")
    allow_dev_on_network: bool = ts.option(
        default=False, help="true or false: whether dev may listen on other addresses than loopback"
    )
    port: int = number(8000, "a port from 1 to 65535", 1, 65_535)
    workers: int = number(
        1, "processes that serve the port, from 1 to 256; more than 1 need redis or kafka", 1, 256
    )
    database_url: str = ts.option(
        default="sqlite:///data/synchub.db",
        help="sqlite:///path/to/file.db or postgresql://user:password@host/name",
        validator=checked(parse_database_url),
        repr=address_of_database,
    )
    broadcaster: BroadcasterKind = ts.option(
        default=BroadcasterKind.MEMORY,
        help="memory (one process, no other server), redis or kafka",
    )
    jwt_secret: ts.SecretStr = ts.secret(
        default=ts.SecretStr(DEV_SECRET),
        help=f"a secret of at least {MIN_SECRET_BYTES} bytes",
        validator=check_secret,
    )
    jwt_previous_secrets: list[ts.SecretStr] = ts.option(
        factory=list,
        help="secrets whose tokens are still accepted, comma-separated",
        validator=deep_iterable(check_secret),
    )
    access_token_s: int = number(900, "seconds an access token lives, from 5", 5, 86_400)
    refresh_token_s: int = number(
        30 * 86_400, "seconds a refresh token lives, from 60", 60, 400 * 86_400
    )
    login_s: int = number(
        180 * 86_400,
        "seconds after which a login ends, however often it was refreshed, from 60",
        60,
        10 * 366 * 86_400,
    )
    allow_plaintext_links: bool = ts.option(
        default=False, help="true if prod may talk to other hosts without TLS, else false"
    )
    log_level: LogLevel = ts.option(default=LogLevel.INFO, help="debug, info, warning or error")
    realtime: RealtimeSettings = RealtimeSettings()
    jwt: JwtSettings = JwtSettings()
    cors: CorsSettings = CorsSettings()
    http: HttpSettings = HttpSettings()
    journal: JournalSettings = JournalSettings()
    passwords: PasswordSettings = PasswordSettings()
    management: ManagementSettings = ManagementSettings()
    audit: AuditSettings = AuditSettings()
    legacy: LegacySettings = LegacySettings()
    limits: LimitSettings = LimitSettings()
    fairness: FairnessSettings = FairnessSettings()
    postgres: PostgresSettings = PostgresSettings()
    broker: BrokerSettings = BrokerSettings()
    redis: RedisSettings = RedisSettings()
    kafka: KafkaSettings = KafkaSettings()

    def audit_secrets(self) -> list[str]:
        """The secret that seals new entries of the audit log, then those of earlier ones."""
        if self.audit.secret:
            secrets = [self.audit.secret, *self.audit.previous_secrets]
        else:
            earlier = [*self.audit.previous_secrets, *self.jwt_previous_secrets]
            secrets = [self.jwt_secret, *earlier]
        return list(map(str, secrets))

    def management_port(self) -> int | None:
        """The separate port for management; None if the main port serves it."""
        serve = self.management.serve
        prod = self.env is Environment.PROD
        if serve is ManagementServe.MAIN or (serve is ManagementServe.AUTO and not prod):
            return None
        return self.management.port or self.port + 1000

    def origins(self) -> tuple[str, ...]:
        """The origins besides our own that may use the API."""
        named = tuple(filter(None, map(str.strip, self.cors.origins.split(","))))
        return named or (DEV_ORIGINS if self.env is Environment.DEV else ())

    def accepts_query_tokens(self) -> bool:
        """Whether realtime endpoints accept `?token=`."""
        choice = self.realtime.query_token
        return choice is QueryToken.ON or (
            choice is QueryToken.AUTO and self.env is Environment.DEV
        )

    def hsts_s(self) -> int:
        """For how long browsers are to insist on TLS; 0: it is not said."""
        return self.http.hsts_s if self.env is Environment.PROD else 0


def jwt_secrets(settings: Settings) -> list[ts.SecretStr]:
    """The secrets whose access tokens are accepted. Where a private key signs, that of
    `jwt_secret` is not among them: old tokens need it as a previous one."""
    with suppress(ValueError):  # a wrong file is named by its validator
        if any(pem_key(path).signs is not None for path in settings.jwt.key_files):
            return settings.jwt_previous_secrets
    return [settings.jwt_secret, *settings.jwt_previous_secrets]
