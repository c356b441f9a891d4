"""Settings of one origin, and what several of them say together.

Precedence: command line, environment, file, default. Lists of a higher layer replace those of a lower one;
tables are merged key by key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, TypeVar, cast

from dockerlint.config.document import ConfigError, ConfigProblem, Place, Table
from dockerlint.config.keys import Key, Setting, all_keys
from dockerlint.config.kinds import Reader
from dockerlint.registry import Registry
from dockerlint.syntax.nearest import nearest

T = TypeVar("T")

#: Variables that name a settings file or forbid to look for one; they are no settings themselves.
CONFIG_VARIABLE = "DLINT_CONFIG"
NO_CONFIG_VARIABLE = "DLINT_NO_CONFIG"
#: Where lists of packages come from; no settings of a project, since a network needs them.
DEBIAN_MIRROR = "DLINT_DEBIAN_MIRROR"
UBUNTU_MIRROR = "DLINT_UBUNTU_MIRROR"
ALPINE_MIRROR = "DLINT_ALPINE_MIRROR"
_NO_SETTINGS = frozenset({CONFIG_VARIABLE, NO_CONFIG_VARIABLE, DEBIAN_MIRROR, UBUNTU_MIRROR, ALPINE_MIRROR})


def has_variables(environment: Mapping[str, str]) -> bool:
    """Whether variables may set something, or are to be told that they do not."""
    return any(name.startswith("DLINT_") and name not in _NO_SETTINGS for name in environment)


class Layer(NamedTuple):
    """What one origin sets, by the name of the key; `warnings` are about what was passed over in it."""

    settings: Mapping[str, Setting] = MappingProxyType({})
    warnings: tuple[ConfigProblem, ...] = ()


class Configuration(NamedTuple):
    """The layers that hold for a folder, the highest first."""

    layers: tuple[Layer, ...]

    def value(self, key: Key[T]) -> T:
        """The value of a setting, the default if no layer has it."""
        found = [layer.settings[key.name].value for layer in self.layers if key.name in layer.settings]
        if not found:
            return key.default
        if key.merges:
            merged: dict[object, object] = {}
            for table in reversed(found):
                merged |= cast("dict[object, object]", table)
            return cast("T", merged)
        # Values were read by the key's own kind.
        return cast("T", found[0])

    def places(self, key: Key[object]) -> tuple[Place, ...]:
        """Where the value comes from, the highest layer first; empty for a default."""
        found = [layer.settings[key.name].place for layer in self.layers if key.name in layer.settings]
        return tuple(found if key.merges else found[:1])


def layer_of_file(table: Table, registry: Registry, folder: str) -> Layer:
    """The settings of a file in `folder`; raises `ConfigError` with all that is wrong in it."""
    keys = all_keys(registry)
    reader = Reader(registry, folder)
    settings: dict[str, Setting] = {}
    for entry in table.entries:
        key = keys.get(entry.key)
        if key is None:
            reader.problem(entry.place, f"there is no setting '{entry.key}'{_hint(entry.key, keys)}")
        else:
            settings[key.name] = Setting(key.kind.read(entry.value, reader), entry.place)
    return _layer(settings, reader)


def layer_of_environment(environment: Mapping[str, str], registry: Registry) -> Layer:
    """The settings of variables `DLINT_…`; raises `ConfigError` with all that is wrong in them.

    A variable that resembles none of ours is somebody else's, and left alone.
    """
    variables = {key.variable: key for key in all_keys(registry).values() if key.kind.split is not None}
    reader = Reader(registry)
    settings: dict[str, Setting] = {}
    for name, text in sorted(environment.items()):
        place = Place(f"${name}")
        if name in variables:
            key = variables[name]
            settings[key.name] = _read(key, [text], place, reader)
        elif name.startswith("DLINT_") and name not in _NO_SETTINGS:
            meant = nearest(name, variables)
            if meant is not None:
                reader.problem(place, f"there is no such variable: did you mean ${meant}?")
    return _layer(settings, reader)


def layer_of_options(options: Mapping[str, tuple[str, Sequence[str]]], registry: Registry, folder: str = "") -> Layer:
    """The settings of the command line: by the key's name the option and the words it was given.

    `folder` is what paths and patterns are relative to. Raises `ConfigError` with all that is wrong in them.
    """
    keys = all_keys(registry)
    reader = Reader(registry, folder)
    settings = {name: _read(keys[name], texts, Place(option), reader) for name, (option, texts) in options.items()}
    return _layer(settings, reader)


def _read(key: Key[object], texts: Sequence[str], place: Place, reader: Reader) -> Setting:
    assert key.kind.split is not None
    return Setting(key.kind.read(key.kind.split(texts, place), reader), place)


def _layer(settings: Mapping[str, Setting], reader: Reader) -> Layer:
    if reader.problems:
        raise ConfigError(*reader.problems)
    return Layer(settings)


def _hint(name: str, keys: Mapping[str, Key[object]]) -> str:
    meant = nearest(name.replace("_", "-"), keys)
    if meant is None and name.replace("_", "-") in keys:
        meant = name.replace("_", "-")
    return f": did you mean '{meant}'?" if meant else f" (there are {', '.join(keys)})"
