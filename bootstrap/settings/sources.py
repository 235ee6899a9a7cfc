"""Where settings come from: files, and the environment, which wins."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

import typed_settings as ts
from typed_settings.dict_utils import set_path
from typed_settings.types import (
    LoadedSettings,
    LoaderMeta,
    OptionList,
    SettingsClass,
    SettingsDict,
)

PREFIX = "SYNCHUB_"
FILES = f"{PREFIX}SETTINGS"
OTHER_NAMES = frozenset({FILES, f"{PREFIX}SMOKE_PASSWORD"})
"""Variables that are no settings."""

_IN_FILE = "_FILE"

logging.getLogger("typed_settings").setLevel(logging.CRITICAL)  # `problems` says it all


def variable(setting: str) -> str:
    """The environment variable of a setting, given its dotted name."""
    return PREFIX + setting.replace(".", "_").upper()


def settings_files() -> ts.FileLoader:
    """`synchub.toml`, then the files that `SYNCHUB_SETTINGS` names."""
    return ts.FileLoader({"*.toml": ts.TomlFormat("synchub")}, ["synchub.toml"], FILES)


class EnvironmentLoader:
    """Values of variables, or of the files that `…_FILE` variables name."""

    def __init__(self, environment: Mapping[str, str], names: Sequence[str]) -> None:
        """`names` are the variables of all settings."""
        self._environment = environment
        files = {f"{name}{_IN_FILE}": name for name in names}
        self._files = {file: name for file, name in files.items() if file not in names}
        self._known = {*names, *self._files, *OTHER_NAMES}

    def __call__(self, settings_cls: SettingsClass, options: OptionList) -> LoadedSettings:
        """Load what is there; `problems` names the rest."""
        values: SettingsDict = {}
        for option in options:
            value = self._value(variable(option.path))
            if value is not None:
                set_path(values, option.path, value)
        return LoadedSettings(values, LoaderMeta(self))

    def problems(self) -> Iterator[str]:
        """A line for each unknown name, and each file that cannot be read."""
        for name in sorted(self._environment):
            if name.startswith(PREFIX) and name not in self._known:
                yield f"{name} is unknown{self._suggestion(name)}"
        for path in filter(None, self._environment.get(FILES, "").split(":")):
            if not Path(path.removeprefix("!")).is_file():
                yield f"{FILES} takes files that exist ({path} does not)"
        for file, name in self._files.items():
            if file not in self._environment:
                continue
            if name in self._environment:
                yield f"{name} and {file} are both set: remove one"
            elif _content(path := self._environment[file]) is None:
                yield f"{file} takes a readable text file ({path} is none)"

    def _value(self, name: str) -> str | None:
        path = self._environment.get(name + _IN_FILE) if name + _IN_FILE in self._files else None
        return self._environment.get(name) if path is None else _content(path)

    def _suggestion(self, name: str) -> str:
        similar = get_close_matches(name, self._known, 1)
        return f": did you mean {similar[0]}?" if similar else ""


def _content(path: str) -> str | None:
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, ValueError):
        return None
