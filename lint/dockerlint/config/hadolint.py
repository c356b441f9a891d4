"""Reads settings written for hadolint: its file and its environment variables.

They are translated to our keys. What we do not have is passed over with a warning, so that the file of a
project that changes over can stay as it is; a value of the wrong type is an error, as in our own files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeVar

from dockerlint.config import keys, kinds
from dockerlint.config.document import ConfigError, ConfigProblem, Entry, Items, Node, Place, Scalar, Table
from dockerlint.config.keys import Key, Setting
from dockerlint.config.kinds import Kind, Reader
from dockerlint.config.layers import Layer
from dockerlint.finding import Severity
from dockerlint.registry import Registry

T = TypeVar("T")

#: Codes of hadolint and ShellCheck. Those that we have no rule for need not be ignored either.
_CODE = re.compile(r"(?:DL|SC)[0-9]{4}")

#: From the least to the worst: a code in several lists of `override` gets the worst level.
_LEVELS = ("style", "info", "warning", "error")

#: hadolint's formats that have an equal here.
_FORMATS = {"tty": "text", "json": "json", "sarif": "sarif"}

#: Settings that the options of rules bring, by hadolint's name.
_OF_RULES = {
    "trustedRegistries": "trusted-registries",
    "label-schema": "label-schema",
    "strict-labels": "strict-labels",
}

_LIST_VARIABLES = {"HADOLINT_IGNORE": "ignored", "HADOLINT_TRUSTED_REGISTRIES": "trustedRegistries"}
_SCALAR_VARIABLES = {
    "HADOLINT_FAILURE_THRESHOLD": "failure-threshold",
    "HADOLINT_FORMAT": "format",
    "HADOLINT_STRICT_LABELS": "strict-labels",
    "HADOLINT_DISABLE_IGNORE_PRAGMA": "disable-ignore-pragma",
    "HADOLINT_NOFAIL": "no-fail",
}


def layer_of_hadolint(table: Table, registry: Registry) -> Layer:
    """What a `.hadolint.yaml` sets, in our keys; raises `ConfigError` with all that is wrong in it."""
    translation = _Translation(registry)
    settings = {name: setting for entry in table.entries for name, setting in translation.of(entry)}
    if translation.reader.problems:
        raise ConfigError(*translation.reader.problems)
    return Layer(settings, tuple(translation.warnings))


def layer_of_hadolint_environment(environment: Mapping[str, str], registry: Registry) -> Layer:
    """What the variables `HADOLINT_…` set, in our keys; raises `ConfigError` with all that is wrong in
    them.
    """
    return layer_of_hadolint(Table(tuple(_entries(environment)), Place("$HADOLINT_…")), registry)


def _entries(environment: Mapping[str, str]) -> Iterator[Entry]:
    """The variables as the entries that a file would have."""
    for name, text in sorted(environment.items()):
        place = Place(f"${name}")
        words = tuple(word.strip() for word in text.split(",") if word.strip())
        items = Items(tuple(Scalar(word, word, place) for word in words), place)
        if name in _LIST_VARIABLES:
            yield Entry(_LIST_VARIABLES[name], place, items)
        elif name in _SCALAR_VARIABLES:
            yield Entry(_SCALAR_VARIABLES[name], place, Scalar(text, text, place))
        elif name == "HADOLINT_REQUIRE_LABELS":
            pairs = (word.partition(":") for word in words)
            labels = tuple(Entry(label, place, Scalar(kind, kind, place)) for label, _, kind in pairs)
            yield Entry("label-schema", place, Table(labels, place))
    levels = {level: environment.get(f"HADOLINT_OVERRIDE_{level.upper()}") for level in _LEVELS}
    place = Place("$HADOLINT_OVERRIDE_…")
    lists = tuple(
        Entry(level, place, Items(tuple(Scalar(code, code, place) for code in codes.split(",")), place))
        for level, codes in levels.items()
        if codes
    )
    if lists:
        yield Entry("override", place, Table(lists, place))


class _Translation:
    """Translates entries of hadolint's file, and collects what is wrong (`reader`) or passed over
    (`warnings`).
    """

    def __init__(self, registry: Registry) -> None:
        self.reader = Reader(registry)
        self.warnings: list[ConfigProblem] = []
        self._keys = keys.all_keys(registry)

    def of(self, entry: Entry) -> Iterator[tuple[str, Setting]]:
        """What an entry sets: names of our keys and values."""
        name, place, node = entry
        if name == "ignored":
            yield self._setting(keys.IGNORE, place, self._codes(node))
        elif name == "override":
            yield self._setting(keys.SEVERITY, place, self._levels(node))
        elif name == "failure-threshold":
            yield self._setting(keys.FAIL_ON, place, self._read(keys.FAIL_ON.kind, self._threshold(node)))
        elif name in ("format", "formats"):
            yield from self._formats(place, node)
        elif name == "disable-ignore-pragma":
            yield self._setting(keys.SUPPRESSIONS, place, not self._read(kinds.BOOLEAN, node))
        elif name == "no-fail":
            yield self._setting(keys.NO_FAIL, place, self._read(kinds.BOOLEAN, node))
        elif name == "no-color":
            if self._read(kinds.BOOLEAN, node):
                yield self._setting(keys.COLOR, place, "never")
        elif name in _OF_RULES:
            # Without a rule that asks for it there is nothing to set.
            if _OF_RULES[name] in self._keys:
                key = self._keys[_OF_RULES[name]]
                yield self._setting(key, place, self._read(key.kind, node))
        elif name != "verbose":
            self._warn(place, f"there is no setting '{name}' in hadolint's file")

    def _read(self, kind: Kind[T], node: Node) -> T | None:
        return kind.read(node, self.reader)

    @staticmethod
    def _setting(key: Key[object], place: Place, value: object) -> tuple[str, Setting]:
        return key.name, Setting(value, place)

    def _warn(self, place: Place, message: str) -> None:
        self.warnings.append(ConfigProblem(place, message))

    def _codes(self, node: Node) -> tuple[str, ...]:
        codes = []
        for item in node.items if isinstance(node, Items) else (node,):
            texts = self._read(kinds.TEXTS, item) or ()
            for text in texts:
                if self.reader.registry.codes_named(text):
                    codes.append(text)
                elif not _CODE.fullmatch(text):
                    self._warn(item.place, f"no rule is called '{text}'")
        return tuple(codes)

    def _levels(self, node: Node) -> Mapping[str, Severity]:
        levels: dict[str, Severity] = {}
        if not isinstance(node, Table):
            self.reader.problem(node.place, "expected a table of levels and codes")
            return levels
        given = {entry.key: entry for entry in node.entries}
        for level in _LEVELS:
            if level in given:
                levels |= dict.fromkeys(self._codes(given.pop(level).value), Severity[level.upper()])
        for entry in given.values():
            self._warn(entry.place, f"'{entry.key}' is no level: there are {', '.join(_LEVELS)}")
        return levels

    def _threshold(self, node: Node) -> Node:
        if isinstance(node, Scalar) and node.text in ("none", "ignore"):
            self._warn(node.place, f"'{node.text}' makes every finding fail, as 'style' does: say that")
            return Scalar("style", "style", node.place)
        return node

    def _formats(self, place: Place, node: Node) -> Iterator[tuple[str, Setting]]:
        texts = self._read(kinds.TEXTS, node) or ()
        known = tuple(_FORMATS[text] for text in texts if text in _FORMATS)
        for text in texts:
            if text not in _FORMATS:
                self._warn(node.place, f"there is no format '{text}': there are {', '.join(kinds.FORMAT_NAMES)}")
        if known:
            yield self._setting(keys.FORMAT, place, known)
