"""The settings in effect for each folder: the way from files, variables and options to `Settings`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from dockerlint.config import keys
from dockerlint.config.layers import (
    CONFIG_VARIABLE,
    NO_CONFIG_VARIABLE,
    Configuration,
    Layer,
    has_variables,
    layer_of_environment,
)
from dockerlint.config.locate import Locator, SettingsFile, has_settings_file
from dockerlint.config.resolve import settings_of
from dockerlint.registry import Registry
from dockerlint.settings import Settings


class Effective(NamedTuple):
    """What holds for the files of a folder: each setting, the settings file if there is one, and what comes of it."""

    configuration: Configuration
    file: SettingsFile | None
    settings: Settings


def names_no_rules(folder: str, environment: Mapping[str, str], *, config: str | None, discover: bool) -> bool:
    """Whether there is surely neither a variable nor a settings file that could name a rule or its options.

    The arguments are those of `SettingsSource` and of its `for_folder`. A command that runs no rules may then give it a
    registry without any, since to load them takes a third of a second.
    """
    if config or environment.get(CONFIG_VARIABLE) or has_variables(environment):
        return False
    is_searched = discover and not environment.get(NO_CONFIG_VARIABLE)
    return not (is_searched and has_settings_file(folder, environment))


class SettingsSource:
    """Gives the settings for folders; each settings file is read once, and evaluated once.

    `options` are those of the command line. `config` names a settings file that is to be used for all folders; without
    one the nearest is looked for, unless `discover` is False. The environment may say the same (`DLINT_CONFIG`,
    `DLINT_NO_CONFIG`). Making one raises `ConfigError` for wrong variables.
    """

    def __init__(
        self,
        registry: Registry,
        options: Layer,
        environment: Mapping[str, str],
        *,
        config: str | None = None,
        discover: bool = True,
    ) -> None:
        self._registry = registry
        self._options = options
        self._variables = layer_of_environment(environment, registry)
        self._environment = environment
        self._config = config or (environment.get(CONFIG_VARIABLE) if discover else None)
        self._discover = discover and not environment.get(NO_CONFIG_VARIABLE)
        self._locator = Locator(registry, environment)
        self._known: dict[str | None, Effective] = {}

    def for_folder(self, folder: str) -> Effective:
        """What holds for the files of a folder, "" for the working directory.

        Raises `ConfigError` if the settings file that holds for it cannot be used.
        """
        file: SettingsFile | None = None
        if self._config:
            file = self._locator.file(self._config)
        elif self._discover:
            file = self._locator.for_folder(folder)
        path = None if file is None else file.path
        if path not in self._known:
            configuration = self._configuration(file)
            self._known[path] = Effective(configuration, file, settings_of(configuration, self._registry))
        return self._known[path]

    def _configuration(self, file: SettingsFile | None) -> Configuration:
        above: tuple[Layer, ...] = (self._options, self._variables)
        below = () if file is None else (file.layer,)
        if Configuration((*above, *below)).value(keys.PROFILE) == keys.HADOLINT:
            from dockerlint.config.hadolint import layer_of_hadolint_environment  # noqa: PLC0415 - slow to import

            above = (*above, layer_of_hadolint_environment(self._environment, self._registry))
        return Configuration((*above, *below))
