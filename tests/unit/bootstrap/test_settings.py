"""Settings: their sources, and the messages for invalid ones."""

import secrets
from pathlib import Path

import pytest
from attrs import evolve
from typed_settings import SecretStr

from adapters.outbound.rate_limits.redis_rate_limiter import RedisRateLimiter
from bootstrap.container import build_container
from bootstrap.settings.checks import plaintext_links
from bootstrap.settings.choices import Environment, ManagementServe
from bootstrap.settings.explain import SettingsError
from bootstrap.settings.load import load_settings
from bootstrap.settings.protection import DEV_ORIGINS, AuditSettings, ManagementSettings
from bootstrap.settings.secret_strength import DEV_SECRET
from bootstrap.settings.settings import Settings
from tests.support.key_pairs import new_key_pair

EVERYWHERE = "0.0.0.0"  # noqa: S104 (that is what is refused)


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a settings file."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"SYNCHUB_PORT": "http"}, "SYNCHUB_PORT takes a port from 1 to 65535"),
        ({"SYNCHUB_PORT": "70000"}, "SYNCHUB_PORT takes a port from 1 to 65535 (not 70000)"),
        ({"SYNCHUB_ENV": "test"}, "SYNCHUB_ENV takes dev or prod"),
        ({"SYNCHUB_BROADCASTER": "rabbit"}, "SYNCHUB_BROADCASTER takes memory"),
        ({"SYNCHUB_DATABASE_URL": "mysql://x/y"}, "SYNCHUB_DATABASE_URL takes sqlite:///"),
        ({"SYNCHUB_REDIS_URL": "http://:pw@x"}, "SYNCHUB_REDIS_URL takes redis://"),
        ({"SYNCHUB_WORKERS": "0"}, "SYNCHUB_WORKERS takes processes that serve the port"),
        ({"SYNCHUB_JWT_SECRET": "short"}, "SYNCHUB_JWT_SECRET takes a secret of at least 32"),
        ({"SYNCHUB_AUDIT_SECRET": "short"}, "SYNCHUB_AUDIT_SECRET takes a secret of at least 32"),
        ({"SYNCHUB_MANAGEMENT_SERVE": "no"}, "SYNCHUB_MANAGEMENT_SERVE takes main"),
        (
            {"SYNCHUB_MANAGEMENT_SERVE": "separate", "SYNCHUB_MANAGEMENT_PORT": "8000"},
            "SYNCHUB_MANAGEMENT_PORT takes another port than SYNCHUB_PORT",
        ),
        (
            {"SYNCHUB_MANAGEMENT_SERVE": "separate", "SYNCHUB_PORT": "65000"},
            "SYNCHUB_MANAGEMENT_PORT takes another port than SYNCHUB_PORT, up to 65535",
        ),
        (
            {"SYNCHUB_FAIRNESS_SECRET": "short"},
            "SYNCHUB_FAIRNESS_SECRET takes a secret of at least 32 bytes, or nothing",
        ),
        (
            {"SYNCHUB_FAIRNESS_PREVIOUS_SECRETS": "short"},
            "SYNCHUB_FAIRNESS_PREVIOUS_SECRETS takes secrets",
        ),
        ({"SYNCHUB_ENV": "prod"}, "SYNCHUB_JWT_SECRET takes a secret of your own"),
        ({"SYNCHUB_HOST": EVERYWHERE}, "SYNCHUB_HOST takes 127.0.0.1 when SYNCHUB_ENV is dev"),
        ({"SYNCHUB_HOST": "hub.example"}, "SYNCHUB_HOST takes 127.0.0.1 when SYNCHUB_ENV is dev"),
        ({"SYNCHUB_JWT_SECERT": "x"}, "is unknown: did you mean SYNCHUB_JWT_SECRET?"),
        ({"SYNCHUB_ZZZZZ": "x"}, "SYNCHUB_ZZZZZ is unknown"),
        ({"SYNCHUB_SETTINGS": "gone.toml"}, "takes files that exist (gone.toml does not)"),
        ({"SYNCHUB_SETTINGS": "!gone.toml"}, "takes files that exist (!gone.toml does not)"),
        ({"SYNCHUB_JWT_SECRET_FILE": "gone"}, "SYNCHUB_JWT_SECRET_FILE takes a readable text file"),
        (
            {"SYNCHUB_JWT_SECRET_FILE": "gone", "SYNCHUB_JWT_SECRET": "x"},
            "SYNCHUB_JWT_SECRET and SYNCHUB_JWT_SECRET_FILE are both set",
        ),
        (
            {"SYNCHUB_JWT_KEY_FILES": "missing.pem"},
            "SYNCHUB_JWT_KEY_FILES takes PEM files with keys",
        ),
        ({"SYNCHUB_JWT_LEEWAY_S": "-1"}, "SYNCHUB_JWT_LEEWAY_S takes seconds"),
        (
            {"SYNCHUB_JWT_JWKS_URL": "http://issuer.example/keys"},
            "SYNCHUB_JWT_JWKS_URL takes the https address",
        ),
        (
            {"SYNCHUB_JWT_JWKS_URL": "https://issuer.example/keys"},
            "SYNCHUB_JWT_JWKS_ISSUER and SYNCHUB_JWT_JWKS_AUDIENCE are needed",
        ),
        (
            {"SYNCHUB_JWT_JWKS_ALGORITHMS": "ES256,HS256"},
            "SYNCHUB_JWT_JWKS_ALGORITHMS takes its algorithms",
        ),
        ({"SYNCHUB_LOGIN_S": "1"}, "SYNCHUB_LOGIN_S takes seconds after which a login ends"),
        *(
            ({"SYNCHUB_CORS_ORIGINS": f"https://a.example,{wrong}"}, f"({wrong!r} is no origin)")
            for wrong in (
                "*",
                "null",
                "a.example",
                "https://a.example/",
                "https://*.example",
                "https://",
                "HTTPS://A.example",
                "ws://a.example",
                "https://a.example:port",
                "https://a b",
            )
        ),
        ({"SYNCHUB_REALTIME_QUERY_TOKEN": "yes"}, "SYNCHUB_REALTIME_QUERY_TOKEN takes auto"),
        ({"SYNCHUB_HTTP_HSTS_S": "-1"}, "SYNCHUB_HTTP_HSTS_S takes seconds"),
        (
            {"SYNCHUB_REALTIME_BUFFER_BYTES": "1"},
            "SYNCHUB_REALTIME_BUFFER_BYTES takes bytes that may wait for one socket",
        ),
        (
            {"SYNCHUB_KAFKA_BOOTSTRAP_SERVERS": "one:9092,two"},
            "SYNCHUB_KAFKA_BOOTSTRAP_SERVERS takes host:port, comma-separated ('two' is no",
        ),
        (
            {"SYNCHUB_KAFKA_BOOTSTRAP_SERVERS": "one:99999"},
            "SYNCHUB_KAFKA_BOOTSTRAP_SERVERS takes host:port",
        ),
        ({"SYNCHUB_KAFKA_TOPIC": "sync hub"}, "SYNCHUB_KAFKA_TOPIC takes letters"),
        ({"SYNCHUB_KAFKA_PARTITIONS": "0"}, "SYNCHUB_KAFKA_PARTITIONS takes partitions"),
        ({"SYNCHUB_KAFKA_REPLICATION": "0"}, "SYNCHUB_KAFKA_REPLICATION takes replicas"),
        (
            {"SYNCHUB_LIMITS_PROXIES": "10.0.0.0/8, balancer"},
            "SYNCHUB_LIMITS_PROXIES takes networks or addresses of proxies, comma-separated ('bal",
        ),
        (
            {"SYNCHUB_LIMITS_ADDRESS_SOURCE": "forwarded"},
            "SYNCHUB_LIMITS_PROXIES is needed for forwarded",
        ),
        (
            {"SYNCHUB_LIMITS_ADDRESS_SOURCE": "x-real-ip"},
            "SYNCHUB_LIMITS_ADDRESS_SOURCE takes socket, or what the proxies send",
        ),
        ({"SYNCHUB_LIMITS_STORAGE": "disk"}, "SYNCHUB_LIMITS_STORAGE takes auto"),
        ({"SYNCHUB_LIMITS_FRAMES_PER_10S": "0"}, "SYNCHUB_LIMITS_FRAMES_PER_10S takes frames"),
        (
            {"SYNCHUB_KAFKA_SECURITY_PROTOCOL": "tls"},
            "SYNCHUB_KAFKA_SECURITY_PROTOCOL takes plaintext, ssl, sasl_plaintext or sasl_ssl",
        ),
        (
            {"SYNCHUB_KAFKA_SECURITY_PROTOCOL": "sasl_ssl", "SYNCHUB_KAFKA_USERNAME": "hub"},
            "SYNCHUB_KAFKA_USERNAME and SYNCHUB_KAFKA_PASSWORD are needed for sasl_ssl",
        ),
        (
            {"SYNCHUB_KAFKA_SASL_MECHANISM": "GSSAPI"},
            "SYNCHUB_KAFKA_SASL_MECHANISM takes PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512",
        ),
        (
            {"SYNCHUB_KAFKA_SECURITY_PROTOCOL": "ssl", "SYNCHUB_KAFKA_CA_FILE": "none.pem"},
            "SYNCHUB_KAFKA_CA_FILE takes a file",
        ),
        (
            {"SYNCHUB_REDIS_KEY_FILE": "none.pem"},
            "SYNCHUB_REDIS_KEY_FILE takes a file with the key",
        ),
        ({"SYNCHUB_POSTGRES_CERT_FILE": "x.pem"}, "SYNCHUB_POSTGRES_CERT_FILE takes a file with a"),
        ({"SYNCHUB_POSTGRES_TLS": "prefer"}, "SYNCHUB_POSTGRES_TLS takes off or verify-full"),
        ({"SYNCHUB_BROKER_SECRET": "short"}, "SYNCHUB_BROKER_SECRET takes a secret of at least 32"),
        (
            {"SYNCHUB_DATABASE_URL": "postgresql://u:pw@h/d?sslmode=disable"},
            "takes no sslmode: TLS is set by SYNCHUB_POSTGRES_TLS",
        ),
        (
            {"SYNCHUB_REDIS_URL": "rediss://:pw@h/0?ssl_cert_reqs=none&ssl_check_hostname=no"},
            "takes no ssl_cert_reqs, ssl_check_hostname",
        ),
    ],
    ids=lambda value: " ".join(map("=".join, value.items())) if isinstance(value, dict) else "",
)
def test_wrong_settings_are_named(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: str
) -> None:
    """The message has the variable and what it takes."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("SYNCHUB_DATABASE_URL", "mysql://x/y", "must begin with sqlite:// or postgresql://"),
        ("SYNCHUB_REDIS_URL", "http://:pw@x", "must begin with redis://"),
    ],
)
def test_the_reason_is_reported_without_secrets(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    """The message does not show the value, because a URL may contain a password."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert reason in str(caught.value)
    assert value not in str(caught.value)


STRONG = secrets.token_urlsafe(32)


@pytest.mark.parametrize("name", ["SYNCHUB_JWT_SECRET", "SYNCHUB_JWT_PREVIOUS_SECRETS"])
@pytest.mark.parametrize("secret", [DEV_SECRET, "a" * 40], ids=["public", "monotonous"])
def test_production_refuses_weak_secrets(
    monkeypatch: pytest.MonkeyPatch, name: str, secret: str
) -> None:
    """Everybody could sign tokens with one, previous ones included. The message tells how to make a
    good one, and does not show the bad one."""
    monkeypatch.setenv("SYNCHUB_ENV", "prod")
    monkeypatch.setenv("SYNCHUB_JWT_SECRET", STRONG)
    monkeypatch.setenv(name, secret)
    with pytest.raises(SettingsError, match=f"{name} takes a secret of your own") as caught:
        load_settings()
    assert "openssl rand -base64 32" in str(caught.value)
    assert secret not in str(caught.value)


def test_production_takes_a_good_secret_on_any_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only `dev` is bound to loopback."""
    monkeypatch.setenv("SYNCHUB_ENV", "prod")
    monkeypatch.setenv("SYNCHUB_HOST", EVERYWHERE)
    monkeypatch.setenv("SYNCHUB_JWT_SECRET", STRONG)
    assert load_settings().host == EVERYWHERE


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_development_is_for_this_machine(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """It may listen on loopback, and elsewhere if that is allowed."""
    monkeypatch.setenv("SYNCHUB_HOST", host)
    assert load_settings().host == host
    monkeypatch.setenv("SYNCHUB_HOST", EVERYWHERE)
    monkeypatch.setenv("SYNCHUB_ALLOW_DEV_ON_NETWORK", "true")
    assert load_settings().host == EVERYWHERE


def test_values_come_from_files_that_variables_name(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Like the secrets that orchestrators mount; white space around the value is removed."""
    (empty_folder / "secret").write_text(f"{STRONG}\n")
    (empty_folder / "stall").write_text("7\n")
    monkeypatch.setenv("SYNCHUB_JWT_SECRET_FILE", "secret")
    monkeypatch.setenv("SYNCHUB_REALTIME_STALL_S_FILE", "stall")
    settings = load_settings()
    assert (str(settings.jwt_secret), settings.realtime.stall_s) == (STRONG, 7)


def test_secret_is_not_needed_where_a_key_pair_signs(
    monkeypatch: pytest.MonkeyPatch, empty_folder: Path
) -> None:
    """The public secret then verifies nothing; a public key alone does not sign."""
    pair = new_key_pair()
    monkeypatch.setenv("SYNCHUB_ENV", "prod")
    monkeypatch.setenv("SYNCHUB_AUDIT_SECRET", STRONG)
    monkeypatch.setenv("SYNCHUB_JWT_KEY_FILES", pair.private_file(empty_folder))
    tokens = build_container(load_settings()).tokens()
    assert [*tokens._keys] == [tokens.public_keys()[0]["kid"]]
    monkeypatch.setenv("SYNCHUB_JWT_KEY_FILES", pair.public_file(empty_folder))
    with pytest.raises(SettingsError, match="a secret of your own"):
        load_settings()


@pytest.mark.parametrize(
    ("env", "serve", "port", "expected"),
    [
        (Environment.DEV, ManagementServe.AUTO, 0, None),
        (Environment.PROD, ManagementServe.AUTO, 0, 9000),
        (Environment.PROD, ManagementServe.AUTO, 7000, 7000),
        (Environment.PROD, ManagementServe.MAIN, 7000, None),
        (Environment.DEV, ManagementServe.SEPARATE, 0, 9000),
    ],
)
def test_the_port_for_management(
    env: Environment, serve: ManagementServe, port: int, expected: int | None
) -> None:
    """A port of its own in production, unless the settings say otherwise."""
    management = ManagementSettings(serve=serve, port=port)
    assert Settings(env=env, management=management).management_port() == expected


def test_the_secret_of_the_audit_log() -> None:
    """The one for tokens stands in for it, also for earlier entries."""
    settings = Settings(jwt_secret=SecretStr("a" * 32), jwt_previous_secrets=[SecretStr("b" * 32)])
    assert settings.audit_secrets() == ["a" * 32, "b" * 32]
    own = AuditSettings(secret=SecretStr("c" * 32), previous_secrets=[SecretStr("a" * 32)])
    assert evolve(settings, audit=own).audit_secrets() == ["c" * 32, "a" * 32]


def test_origins_are_those_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of front ends in development are allowed in `dev` unless others are named."""
    assert load_settings().origins() == DEV_ORIGINS
    monkeypatch.setenv("SYNCHUB_CORS_ORIGINS", "https://play.example, http://[::1]:3000")
    assert load_settings().origins() == ("https://play.example", "http://[::1]:3000")


def test_production_is_closed_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """No page of another origin, no token in a query, and no promise of TLS until it is made."""
    monkeypatch.setenv("SYNCHUB_HTTP_HSTS_S", "60")
    dev = load_settings()
    assert (dev.accepts_query_tokens(), dev.hsts_s()) == (True, 0)
    monkeypatch.setenv("SYNCHUB_ENV", "prod")
    monkeypatch.setenv("SYNCHUB_JWT_SECRET", STRONG)
    prod = load_settings()
    assert (prod.origins(), prod.accepts_query_tokens(), prod.hsts_s()) == ((), False, 60)
    monkeypatch.setenv("SYNCHUB_REALTIME_QUERY_TOKEN", "on")
    assert load_settings().accepts_query_tokens()


PLAINTEXT = {
    "database": ({"SYNCHUB_DATABASE_URL": "postgresql://u:pw@db.internal/hub"}, "db.internal"),
    "second-host": ({"SYNCHUB_DATABASE_URL": "postgresql://u@/hub?host=/run&host=db2:1"}, "db2"),
    "redis": (
        {"SYNCHUB_BROADCASTER": "redis", "SYNCHUB_REDIS_URL": "redis://:pw@10.0.0.7/0"},
        "10.0.0.7",
    ),
    "kafka": (
        {
            "SYNCHUB_BROADCASTER": "kafka",
            "SYNCHUB_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1,[::1]:2,kafka-2:9092",
        },
        "kafka-2:9092",
    ),
}


@pytest.mark.parametrize("link", PLAINTEXT)
def test_production_refuses_links_without_tls(monkeypatch: pytest.MonkeyPatch, link: str) -> None:
    """To other hosts, unless a setting permits them; they are warned of then."""
    environment, host = PLAINTEXT[link]
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert [host in line for line in plaintext_links(load_settings())] == [True]
    monkeypatch.setenv("SYNCHUB_ENV", "prod")
    monkeypatch.setenv("SYNCHUB_JWT_SECRET", STRONG)
    with pytest.raises(SettingsError, match="SYNCHUB_ALLOW_PLAINTEXT_LINKS") as caught:
        load_settings()
    assert host in str(caught.value)
    assert "pw" not in str(caught.value)
    monkeypatch.setenv("SYNCHUB_ALLOW_PLAINTEXT_LINKS", "true")
    load_settings()


@pytest.mark.parametrize(
    "environment",
    [
        {"SYNCHUB_DATABASE_URL": "postgresql://u@127.0.0.1/hub"},
        {"SYNCHUB_DATABASE_URL": "postgresql://u@/hub?host=/run/postgresql"},
        {"SYNCHUB_DATABASE_URL": "postgresql://u@db/hub", "SYNCHUB_POSTGRES_TLS": "verify-full"},
        {"SYNCHUB_REDIS_URL": "redis://10.0.0.7/0"},
        {"SYNCHUB_BROADCASTER": "redis", "SYNCHUB_REDIS_URL": "rediss://10.0.0.7/0"},
        {"SYNCHUB_BROADCASTER": "redis", "SYNCHUB_REDIS_URL": "unix:///run/redis.sock"},
        {"SYNCHUB_BROADCASTER": "redis", "SYNCHUB_REDIS_URL": "redis://localhost/0"},
        {
            "SYNCHUB_BROADCASTER": "kafka",
            "SYNCHUB_KAFKA_BOOTSTRAP_SERVERS": "kafka:9092",
            "SYNCHUB_KAFKA_SECURITY_PROTOCOL": "ssl",
        },
    ],
    ids=lambda environment: " ".join(environment.values()),
)
def test_production_takes_links_that_nobody_can_listen_to(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    """On this machine, with TLS, or not in use."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert list(plaintext_links(load_settings())) == []


def test_all_wrong_settings_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message has a line for each."""
    monkeypatch.setenv("SYNCHUB_PORT", "0")
    monkeypatch.setenv("SYNCHUB_PASSWORDS_WAITING", "0")
    monkeypatch.setenv("SYNCHUB_PROT", "80")
    monkeypatch.setenv("SYNCHUB_SETTINGS", "gone.toml")
    monkeypatch.setenv("SYNCHUB_HOST", EVERYWHERE)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert len(str(caught.value).splitlines()) == 5


def test_the_environment_wins_over_the_file(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Groups are tables of the file and part of the variable's name."""
    file = empty_folder / "synchub.toml"
    file.write_text("[synchub]\nport = 1\n[synchub.realtime]\nstall_s = 5\nbuffer_bytes = 20000\n")
    monkeypatch.setenv("SYNCHUB_REALTIME_STALL_S", "7")
    settings = load_settings()
    assert (settings.port, settings.realtime.stall_s) == (1, 7)
    assert settings.realtime.buffer_bytes == 20_000


def test_an_unknown_name_in_the_file_is_wrong(empty_folder: Path) -> None:
    """A misspelt setting is an error."""
    (empty_folder / "synchub.toml").write_text("[synchub]\nprot = 8000\n")
    with pytest.raises(SettingsError, match="prot"):
        load_settings()


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The representation of the settings has no secret, neither alone nor within a URL."""
    secrets = {
        "SYNCHUB_JWT_SECRET": "secret-1" * 5,
        "SYNCHUB_JWT_PREVIOUS_SECRETS": "secret-2" * 5,
        "SYNCHUB_DATABASE_URL": "postgresql://hub:secret-3@db/hub",
        "SYNCHUB_REDIS_URL": "rediss://hub:secret-4@redis/0?password=secret-5",
        "SYNCHUB_KAFKA_PASSWORD": "secret-6",
        "SYNCHUB_BROKER_SECRET": "secret-7" * 5,
        "SYNCHUB_BROKER_PREVIOUS_SECRETS": "secret-8" * 5,
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    assert "secret-" not in repr(load_settings())


@pytest.mark.parametrize(
    ("storage", "broadcaster", "shared"),
    [
        ("auto", "memory", False),
        ("auto", "kafka", False),
        ("auto", "redis", True),
        ("memory", "redis", False),
        ("redis", "kafka", True),
    ],
)
def test_limits_are_counted_where_the_settings_say(
    monkeypatch: pytest.MonkeyPatch, storage: str, broadcaster: str, shared: bool
) -> None:
    """By default in Redis if it is there anyway."""
    monkeypatch.setenv("SYNCHUB_LIMITS_STORAGE", storage)
    monkeypatch.setenv("SYNCHUB_BROADCASTER", broadcaster)
    limiter = build_container(load_settings()).rate_limiter()
    assert isinstance(limiter, RedisRateLimiter) is shared


async def test_kafka_settings_reach_the_broadcaster(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its failure names all servers and does not show the password."""
    environment = {
        "SYNCHUB_BROADCASTER": "kafka",
        "SYNCHUB_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1, 127.0.0.1:2",
        "SYNCHUB_KAFKA_SECURITY_PROTOCOL": "sasl_ssl",
        "SYNCHUB_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
        "SYNCHUB_KAFKA_USERNAME": "hub",
        "SYNCHUB_KAFKA_PASSWORD": "opensesame",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert "opensesame" not in repr(settings)
    broadcaster = build_container(settings).broadcaster()
    await broadcaster.start(lambda message: None)
    failure = broadcaster.failure()
    await broadcaster.stop()
    assert "127.0.0.1:1, 127.0.0.1:2" in failure
    assert "opensesame" not in failure
