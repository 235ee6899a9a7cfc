"""All settings, from a TOML file and the environment (which wins).

The file is `synchub.toml` in the working directory, or what `SYNCHUB_SETTINGS` names. Setting `x`
of group `g` is `x` under `[synchub.g]` in the file and `SYNCHUB_G_X` in the environment;
`SYNCHUB_G_X_FILE` names a file that holds the value, such as a mounted secret.
"""

import os

import typed_settings as ts
from attrs.validators import disabled
from typed_settings.exceptions import TsError

from bootstrap.settings.checks import problems, unsafe
from bootstrap.settings.explain import SettingsError, all_options, explain
from bootstrap.settings.settings import Settings
from bootstrap.settings.sources import EnvironmentLoader, settings_files, variable


def load_settings() -> Settings:
    """The settings of this process; SettingsError has a line for each problem."""
    environment = EnvironmentLoader(
        os.environ, [variable(name) for name, _ in all_options(Settings)]
    )
    found = list(environment.problems())
    try:
        # Validators run below, so that all wrong settings are named at once.
        with disabled():
            settings = ts.load_settings(Settings, [settings_files(), environment])
    except FileNotFoundError as error:  # a file that is named with "!"
        raise SettingsError("\n".join(found)) from error
    except (TsError, ValueError, TypeError) as error:
        raise SettingsError("\n".join([*found, *explain(error)])) from error
    if found := found + list(problems(settings)) or list(unsafe(settings)):
        raise SettingsError("\n".join(found))
    return settings
