"""Finds and reads the settings file that holds for a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from dockerlint.config.document import ConfigError, ConfigProblem, Place, read_text
from dockerlint.config.layers import Layer, layer_of_file
from dockerlint.registry import Registry

_OURS = (".dlint.yaml", ".dlint.yml", "dlint.yaml")
_PYPROJECT = "pyproject.toml"
_HADOLINT = (".hadolint.yaml", ".hadolint.yml")
#: The user's own files, below the XDG configuration folder: ours, and hadolint's.
_OF_USER = (("dlint", "dlint.yaml"), ("hadolint.yaml",))

#: The largest settings file that is read. YAML is read slowly, and a `pyproject.toml` belongs to others too.
_YAML_LIMIT = 256 * 1024
_TOML_LIMIT = 4 * 1024 * 1024


class SettingsFile(NamedTuple):
    """A settings file that was read: its path and what it sets."""

    path: str
    layer: Layer


class Locator:
    """Answers which settings file holds for a folder, and reads each file once.

    Paths are in the form in which they are shown: relative to the working directory inside of it, else
    absolute. The nearest of `.dlint.yaml`, `.dlint.yml`, `dlint.yaml` and a `pyproject.toml` with a table
    `tool.dlint` counts, from the folder up to the root of its git repository, else of the file system. Where
    there is none, the user's own counts (`dlint/dlint.yaml` in the XDG configuration folder); where there is
    none either, hadolint's files, in the same places.
    """

    def __init__(self, registry: Registry, environment: Mapping[str, str]) -> None:
        self._registry = registry
        self._environment = environment
        self._read: dict[str, SettingsFile | None] = {}
        self._nearest: dict[tuple[str, bool], SettingsFile | None] = {}

    def for_folder(self, folder: str) -> SettingsFile | None:
        """The settings file that holds for the files of a folder; raises `ConfigError` if it cannot be
        used.
        """
        return (
            self._upwards(folder, hadolint=False)
            or self._of_user(*_OF_USER[0])
            or self._upwards(folder, hadolint=True)
            or self._of_user(*_OF_USER[1])
        )

    def file(self, path: str) -> SettingsFile:
        """The settings of a file that the user has named; raises `ConfigError` if it cannot be used."""
        found = self._load(path)
        if found is None:
            raise ConfigError(ConfigProblem(Place(path), "has no table 'tool.dlint'"))
        return found

    def _upwards(self, folder: str, *, hadolint: bool) -> SettingsFile | None:
        passed = []
        found: SettingsFile | None = None
        for parent in _searched(folder):
            if (parent, hadolint) in self._nearest:
                found = self._nearest[parent, hadolint]
                break
            passed.append(parent)
            found = self._in_folder(parent, _HADOLINT if hadolint else (*_OURS, _PYPROJECT))
            if found is not None:
                break
        self._nearest.update(dict.fromkeys(((parent, hadolint) for parent in passed), found))
        return found

    def _in_folder(self, folder: str, names: tuple[str, ...]) -> SettingsFile | None:
        for name in names:
            path = os.path.join(folder, name)
            found = self._load(path) if os.path.isfile(path) else None
            if found is not None:
                return found
        return None

    def _of_user(self, *parts: str) -> SettingsFile | None:
        path = _path_of_user(self._environment, *parts)
        return self._load(path) if path is not None else None

    def _load(self, path: str) -> SettingsFile | None:
        if path not in self._read:
            layer = read_settings(path, self._registry)
            self._read[path] = None if layer is None else SettingsFile(path, layer)
        return self._read[path]


def has_settings_file(folder: str, environment: Mapping[str, str]) -> bool:
    """Whether `Locator.for_folder` would find a settings file, or one that it cannot use, without reading its settings.

    A `pyproject.toml` counts that has our name anywhere in it.
    """
    names = (*_OURS, _PYPROJECT, *_HADOLINT)
    paths = (os.path.join(parent, name) for parent in _searched(folder) for name in names)
    if any(_may_set(path) for path in paths if os.path.isfile(path)):
        return True
    return any(_path_of_user(environment, *parts) is not None for parts in _OF_USER)


def _may_set(path: str) -> bool:
    return not path.endswith(_PYPROJECT) or "dlint" in read_text(path, path, _TOML_LIMIT)


def _path_of_user(environment: Mapping[str, str], *parts: str) -> str | None:
    """A file of the user's configuration folder; None if it is not there."""
    home = environment.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    path = os.path.join(home, *parts)
    return path if os.path.isabs(path) and os.path.isfile(path) else None


def _searched(folder: str) -> Iterator[str]:
    """A folder and those above it up to the root of its git repository, the nearest first."""
    for parent in _with_parents(folder):
        yield parent
        if os.path.exists(os.path.join(parent, ".git")):
            return


def _with_parents(folder: str) -> Iterator[str]:
    """A folder, "" for the working directory, and those above it, the nearest first."""
    while folder and not os.path.isabs(folder):
        yield folder
        folder = os.path.dirname(folder)
    if not folder:
        yield folder
        folder = os.path.dirname(os.getcwd())
        if folder == os.getcwd():
            return
    while True:
        yield folder
        if os.path.dirname(folder) == folder:
            return
        folder = os.path.dirname(folder)


def read_settings(path: str, registry: Registry) -> Layer | None:
    """What a settings file sets; None for a TOML file without a table `tool.dlint`. Raises `ConfigError`."""
    folder, name = os.path.split(path)
    shown = path.replace(os.sep, "/")
    if name.endswith(".toml"):
        text = read_text(path, shown, _TOML_LIMIT)
        # Most of these files are about other things; this spares the import of the reader.
        if "dlint" not in text:
            return None
        from dockerlint.config.toml_file import parse_toml  # noqa: PLC0415 - slow to import

        table = parse_toml(text, shown, ("tool", "dlint"))
        return None if table is None else layer_of_file(table, registry, folder)
    from dockerlint.config.yaml_file import parse_yaml  # noqa: PLC0415 - slow to import

    table = parse_yaml(read_text(path, shown, _YAML_LIMIT), shown)
    if name in (*_HADOLINT, "hadolint.yaml"):
        from dockerlint.config.hadolint import layer_of_hadolint  # noqa: PLC0415 - slow to import

        return layer_of_hadolint(table, registry)
    return layer_of_file(table, registry, folder)
