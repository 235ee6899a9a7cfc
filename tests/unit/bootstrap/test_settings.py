"""Settings: where they come from, and what is said of wrong ones."""

from pathlib import Path

import pytest

from bootstrap.settings import SettingsError, load_settings


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No settings but those of the test."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"SYNCHUB_PORT": "http"}, "SYNCHUB_PORT takes a port from 1 to 65535"),
        ({"SYNCHUB_PORT": "70000"}, "SYNCHUB_PORT takes a port from 1 to 65535 (not 70000)"),
        ({"SYNCHUB_ENV": "test"}, "SYNCHUB_ENV takes dev or prod"),
        ({"SYNCHUB_BROADCASTER": "rabbit"}, "SYNCHUB_BROADCASTER takes memory"),
        ({"SYNCHUB_DATABASE_URL": "mysql://x/y"}, "SYNCHUB_DATABASE_URL must begin with"),
        ({"SYNCHUB_JWT_SECRET": "short"}, "SYNCHUB_JWT_SECRET takes a secret of at least 32"),
        ({"SYNCHUB_ENV": "prod"}, "SYNCHUB_JWT_SECRET takes a secret of your own"),
        (
            {"SYNCHUB_REALTIME_BUFFER_BYTES": "1"},
            "SYNCHUB_REALTIME_BUFFER_BYTES takes bytes that may wait for one socket",
        ),
    ],
    ids=lambda value: "=".join(*value.items()) if isinstance(value, dict) else "",
)
def test_wrong_settings_are_named(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: str
) -> None:
    """The variable, and what it takes."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert expected in str(caught.value)


def test_all_wrong_settings_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line each."""
    monkeypatch.setenv("SYNCHUB_PORT", "0")
    monkeypatch.setenv("SYNCHUB_ACCESS_TOKEN_S", "0")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert len(str(caught.value).splitlines()) == 2


def test_the_environment_wins_over_the_file(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Groups are tables of the file, and part of the variable's name."""
    file = empty_folder / "synchub.toml"
    file.write_text("[synchub]\nport = 1\n[synchub.realtime]\nstall_s = 5\nbuffer_bytes = 20000\n")
    monkeypatch.setenv("SYNCHUB_REALTIME_STALL_S", "7")
    settings = load_settings()
    assert (settings.port, settings.realtime.stall_s) == (1, 7)
    assert settings.realtime.buffer_bytes == 20_000


def test_an_unknown_name_in_the_file_is_wrong(empty_folder: Path) -> None:
    """A misspelt setting must not go unnoticed."""
    (empty_folder / "synchub.toml").write_text("[synchub]\nprot = 8000\n")
    with pytest.raises(SettingsError, match="prot"):
        load_settings()


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even by printing the settings."""
    monkeypatch.setenv("SYNCHUB_JWT_SECRET", "a" * 40)
    assert "a" * 40 not in repr(load_settings())
