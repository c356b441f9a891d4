"""Reads settings in TOML: the table `tool.dlint` of a `pyproject.toml`.

`tomllib` gives values without their places, so a second, small reader finds the keys of the text that
`tomllib` has already found to be valid.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Mapping

from dockerlint.config.document import ConfigError, ConfigProblem, Entry, Items, Node, Place, Scalar, Table

_ERROR_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)")

#: What a valid text is made of, as far as keys are concerned. Each alternative ends at its first possible
#: end, so the time is linear in the text.
_TOKEN = re.compile(
    r'''(?P<string>"""(?:[^"\\]|\\.|"(?!""))*"{3,5}|\'\'\'(?:[^']|'(?!''))*'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')'''
    r"|(?P<bare>[^\s\"'#=\[\]{},.]+)"
    r"|(?P<comment>#[^\n]*)"
    r"|(?P<mark>[=\[\]{},.\n])",
    re.DOTALL,
)

Path = tuple[str, ...]


def parse_toml(text: str, shown: str, table: Path) -> Table | None:
    """The table of that path (`("tool", "dlint")`) in a TOML text; None if it has none. `shown` names the
    file in places.

    The place of a value is that of its key; that of an item is that of its list. Raises `ConfigError` where
    the text is not TOML, or something other than a table has that path.
    """
    try:
        value: object = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(_problem(str(error), text, shown)) from error
    except RecursionError as error:
        raise ConfigError(ConfigProblem(Place(shown), "not valid TOML: nested too deeply")) from error
    for name in table:
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    places: dict[Path, Place] = {}
    for path, line, column in _keys(text):
        places.setdefault(path, Place(shown, line, column))
    node = _node(value, table, places, Place(shown, 1, 1))
    if not isinstance(node, Table):
        raise ConfigError(ConfigProblem(node.place, f"'{'.'.join(table)}' must be a table"))
    return node


def _problem(message: str, text: str, shown: str) -> ConfigProblem:
    match = _ERROR_PLACE.search(message)
    place = Place(shown)
    if match is not None:
        line, column = match.groups()
        last = text.rstrip("\n")
        end = (last.count("\n") + 1, len(last) - (last.rfind("\n") + 1) + 1)
        place = Place(shown, *end) if line is None else Place(shown, int(line), int(column))
        message = message[: match.start()]
    return ConfigProblem(place, f"not valid TOML: {message[:1].lower()}{message[1:]}")


def _node(value: object, path: Path, places: Mapping[Path, Place], outer: Place) -> Node:
    """A value as a node; where its key was not found, the place of what surrounds it stands for it."""
    place = places.get(path, outer)
    if isinstance(value, Mapping):
        children = ((name, _node(child, (*path, name), places, place)) for name, child in value.items())
        return Table(tuple(Entry(name, child.place, child) for name, child in children), place)
    if isinstance(value, list):
        return Items(tuple(_node(item, (*path, ""), {}, place) for item in value), place)
    if isinstance(value, str):
        return Scalar(value, value, place)
    return Scalar(value if isinstance(value, bool | int | float) else str(value), None, place)


def _keys(text: str) -> Iterator[tuple[Path, int, int]]:
    """The full path of each key and table of a valid text, with its line and column (in code points) from 1.

    `a.b.c = 1` is a place of `a` and of `a.b` too.
    """
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    table: Path = ()
    for words, at, is_table in _left_sides(text):
        line = bisect_right(starts, at)
        if is_table:
            table = ()
        for length in range(1, len(words) + 1):
            yield (*table, *words[:length]), line, at - starts[line - 1] + 1
        if is_table:
            table = words


def _left_sides(text: str) -> Iterator[tuple[Path, int, bool]]:
    """The words, the offset, and whether it is a table's header, of what stands at the start of each logical
    line.
    """
    words: list[str] = []
    at, depth, header, value = 0, 0, False, False
    for token in _TOKEN.finditer(text):
        kind, written = token.lastgroup, token.group()
        if kind in ("string", "bare") and not value:
            if not words:
                at = token.start()
            words.append(_word(written))
        elif kind != "mark":
            continue
        elif written == "=" and not value:
            yield tuple(words), at, False
            value = True
        elif written in "[{":
            # Before any word of a line, a bracket opens a table's header.
            header = header or not (words or value)
            depth += 1
        elif written in "]}":
            depth -= 1
        elif written == "\n" and depth == 0:
            if header and not value:
                yield tuple(words), at, True
            words, header, value = [], False, False
    if header and words and not value:
        yield tuple(words), at, True


def _word(written: str) -> str:
    """A key without its quotes; a quoted key with escapes keeps them, and is not found by its path then."""
    return written[1:-1] if written[0] in "\"'" else written
