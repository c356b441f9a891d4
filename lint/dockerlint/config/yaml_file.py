"""Reads settings in YAML.

Only the events of the parser are read; no object is ever made of them. Values keep the text that was written,
so `1.10` stays `1.10` and `off` can be a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NoReturn

import yaml

from dockerlint.config.document import ConfigError, ConfigProblem, Entry, Items, Node, Place, Scalar, Table

#: Settings have four levels; what is much deeper is an attack on the stack.
_DEEPEST = 20

# Words that are no text unless they are quoted: https://yaml.org/type/ (version 1.1, as PyYAML reads it).
_NULL = ("", "~", "null", "Null", "NULL")
_TRUE = ("yes", "true", "on")
_FALSE = ("no", "false", "off")
NOT_TEXT = frozenset((*_NULL, *_TRUE, *_FALSE))
_WHOLE_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FRACTION = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}")


def parse_yaml(text: str, shown: str) -> Table:
    """The table that a YAML text holds; empty for an empty text. `shown` names the file in places.

    Raises `ConfigError` where the text is not YAML, is no table, repeats a key, is nested too deeply, or uses
    what settings have no need of: anchors and aliases (a few lines of them can stand for millions of values),
    tags, and several documents.
    """
    try:
        return _Builder(shown).document(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(shown) if mark is None else Place(shown, mark.line + 1, mark.column + 1)
        message = error.problem or error.context or "it cannot be read"
        raise ConfigError(ConfigProblem(place, f"not valid YAML: {message}")) from error
    except yaml.reader.ReaderError as error:
        line_start = text.rfind("\n", 0, error.position) + 1
        place = Place(shown, text.count("\n", 0, error.position) + 1, error.position - line_start + 1)
        raise ConfigError(ConfigProblem(place, "not valid YAML: it has a control character")) from error


class _Builder:
    """Makes nodes of events; `shown` names the file in their places."""

    def __init__(self, shown: str) -> None:
        self._shown = shown

    def document(self, events: Iterator[yaml.Event]) -> Table:
        node: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if node is not None:
                    self._refuse(event, "a second document begins here: settings are one")
                node = self._node(next(events), events, 0)
        if node is None or (isinstance(node, Scalar) and node.value is None):
            return Table((), Place(self._shown, 1, 1))
        if not isinstance(node, Table):
            raise ConfigError(ConfigProblem(node.place, "settings must be a table of keys and values"))
        return node

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent) or (isinstance(event, yaml.NodeEvent) and event.anchor):
            self._refuse(event, "anchors and aliases are not read here: write the value out")
        if depth > _DEEPEST:
            self._refuse(event, "nested too deeply")
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag not in (None, "!"):
            self._refuse(event, f"tags such as '{event.tag}' are not read here")
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(_value(event.value, event.implicit[0]), event.value, self._place(event))
        if isinstance(event, yaml.MappingStartEvent):
            return Table(tuple(self._entries(events, depth)), self._place(event))
        return Items(tuple(self._items(events, depth)), self._place(event))

    def _items(self, events: Iterator[yaml.Event], depth: int) -> Iterator[Node]:
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                return
            yield self._node(event, events, depth + 1)

    def _entries(self, events: Iterator[yaml.Event], depth: int) -> Iterator[Entry]:
        seen: set[str] = set()
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                return
            key = self._node(event, events, depth + 1)
            if not isinstance(key, Scalar) or key.text is None:
                self._refuse(event, "a key must be a word")
            if key.text in seen:
                self._refuse(event, f"the key '{key.text}' stands here for the second time")
            seen.add(key.text)
            yield Entry(key.text, key.place, self._node(next(events), events, depth + 1))

    def _place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        return Place(self._shown) if mark is None else Place(self._shown, mark.line + 1, mark.column + 1)

    def _refuse(self, event: yaml.Event, message: str) -> NoReturn:
        raise ConfigError(ConfigProblem(self._place(event), message))


def _value(text: str, plain: bool) -> str | int | float | bool | None:
    """What a scalar stands for; numbers in other notations than the decimal stay texts."""
    if not plain:
        return text
    if text in _NULL:
        return None
    if text.lower() in (*_TRUE, *_FALSE):
        return text.lower() in _TRUE
    if _FRACTION.fullmatch(text):
        return float(text)
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else text
