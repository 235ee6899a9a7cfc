"""Settings: their sources, and the messages for invalid ones."""

from pathlib import Path

import pytest

from bootstrap.container import build_container
from bootstrap.settings import DEV_SECRET, SettingsError, load_settings, plaintext_links


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
        ({"SYNCHUB_ENV": "prod"}, "SYNCHUB_JWT_SECRET takes a secret of your own"),
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


@pytest.mark.parametrize("name", ["SYNCHUB_JWT_SECRET", "SYNCHUB_JWT_PREVIOUS_SECRETS"])
def test_production_refuses_the_public_secret(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Everybody could sign tokens with it; it is refused among the previous secrets, too."""
    monkeypatch.setenv("SYNCHUB_ENV", "prod")
    monkeypatch.setenv("SYNCHUB_JWT_SECRET", "a" * 40)
    monkeypatch.setenv(name, DEV_SECRET)
    with pytest.raises(SettingsError, match="a secret of your own"):
        load_settings()


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
    monkeypatch.setenv("SYNCHUB_JWT_SECRET", "a" * 40)
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
    monkeypatch.setenv("SYNCHUB_ACCESS_TOKEN_S", "0")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert len(str(caught.value).splitlines()) == 2


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
