"""From layers of settings to what a run is asked to do."""

from __future__ import annotations

import os

from dockerlint.config import keys
from dockerlint.config.layers import Configuration
from dockerlint.config.profiles import active_rules, shellcheck_levels
from dockerlint.finding import Severity
from dockerlint.registry import Registry
from dockerlint.semantics.options import BuildOptions
from dockerlint.settings import Settings, ShellcheckUse, own_level

_GLOB_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "*?[\\"})


def settings_of(configuration: Configuration, registry: Registry) -> Settings:
    """The settings of a run for the files of one folder."""
    build = BuildOptions(
        build_args=configuration.value(keys.BUILD_ARGS),
        target=configuration.value(keys.TARGET),
        platform=configuration.value(keys.PLATFORM),
        named_contexts=configuration.value(keys.NAMED_CONTEXTS),
        context=configuration.value(keys.CONTEXT),
    )
    level = shellcheck_levels(configuration, registry)
    return Settings(
        rules=active_rules(configuration, registry),
        build=build,
        fail_on=fail_on(configuration),
        per_file_ignores=_per_file_ignores(configuration, registry),
        suppressions=configuration.value(keys.SUPPRESSIONS),
        as_hadolint=configuration.value(keys.PROFILE) == keys.HADOLINT,
        shellcheck=configuration.value(keys.SHELLCHECK) if level is not None else ShellcheckUse.OFF,
        shellcheck_level=level or own_level,
        prices=configuration.value(keys.PRICES),
    )


def fail_on(configuration: Configuration) -> Severity | None:
    """The lowest level that fails a run, None for never."""
    word = configuration.value(keys.FAIL_ON)
    if word is None:
        word = "info" if configuration.value(keys.PROFILE) == keys.HADOLINT else "warning"
    return None if word == "never" else Severity[word.upper()]


def _per_file_ignores(configuration: Configuration, registry: Registry) -> tuple[tuple[str, frozenset[str]], ...]:
    """Patterns for paths as they are shown, and codes.

    A pattern with a slash is written for paths below the folder of its settings file. Paths are shown
    relative to the working directory, so it gets the way from there to that folder in front.
    """
    ignores = []
    for glob, selectors in configuration.value(keys.PER_FILE_IGNORES).items():
        codes = frozenset(code for selector in selectors for code in registry.codes(selector))
        pattern = glob.pattern
        if glob.folder and "/" in pattern.rstrip("/"):
            folder = glob.folder.replace(os.sep, "/").strip("/").translate(_GLOB_MARKS)
            pattern = f"/{folder}/{pattern.lstrip('/')}"
        ignores.append((pattern, codes))
    return tuple(ignores)
