"""The types that settings can have: each reads a node of a settings file, and the words of options and
variables.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from dockerlint.config.document import ConfigProblem, Entry, Items, Node, Place, Scalar, Table
from dockerlint.finding import Severity
from dockerlint.registry import Registry
from dockerlint.settings import ShellcheckUse
from dockerlint.syntax.nearest import nearest

T_co = TypeVar("T_co", covariant=True)

#: A part of a JSON schema, as `json.dumps` takes it.
Schema = Mapping[str, object]

FORMAT_NAMES = ("text", "json", "sarif")

#: Where the schema of a settings file says what a rule is called.
RULE_REFERENCE: Schema = {"$ref": "#/definitions/rule"}

_NUMBER = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,18})?")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reader:
    """What reading a value needs to know, and where it puts what is wrong with it.

    `folder` is what relative paths are relative to: the settings file's, "" for the working directory.
    """

    registry: Registry
    folder: str = ""
    problems: list[ConfigProblem] = field(default_factory=list)

    def problem(self, place: Place, message: str) -> None:
        """Note that something is wrong."""
        self.problems.append(ConfigProblem(place, message))


class Kind(NamedTuple, Generic[T_co]):
    """A type of setting.

    `expects` says what must be written, `schema` says it in JSON Schema. `read` gives the value of a node, or
    None after noting a problem. `split` makes a node of the words that an option was given, each time it was
    given, or of a variable's single word.
    """

    expects: str
    read: Callable[[Node, Reader], T_co | None]
    split: Callable[[Sequence[str], Place], Node] | None
    schema: Schema


class Glob(NamedTuple):
    """A pattern for paths below a folder ("" for the working directory)."""

    folder: str
    pattern: str


# Words of options and variables to nodes.


def _last(texts: Sequence[str], place: Place) -> Scalar:
    """An option that takes one value: the last one counts."""
    return Scalar(texts[-1], texts[-1], place)


def _list(texts: Sequence[str], place: Place) -> Items:
    """Lists are written with commas, and an option may be repeated."""
    words = [word.strip() for text in texts for word in text.split(",")]
    return Items(tuple(Scalar(word, word, place) for word in words if word), place)


def _pairs(texts: Sequence[str], place: Place) -> Table:
    """`KEY=VALUE` once for each time the option was given, or on a line of its own; the last value of a key
    counts.
    """
    entries: dict[str, Entry] = {}
    for line in (line for text in texts for line in text.splitlines() or [text]):
        key, mark, value = line.partition("=")
        scalar = Scalar(value, value, place) if mark else Scalar(None, "", place)
        entries[key.strip()] = Entry(key.strip(), place, scalar)
    return Table(tuple(entries.values()), place)


def _list_of_pairs(texts: Sequence[str], place: Place) -> Table:
    """`KEY=VALUE,KEY=VALUE`, where no value has a comma."""
    return _pairs([item.text or "" for item in _list(texts, place).items if isinstance(item, Scalar)], place)


# Nodes to values.


def wrong(node: Node, reader: Reader, expects: str) -> None:
    """Note that a node is not what is expected there."""
    found = {Items: "a list", Table: "a table"}.get(type(node), "")
    if isinstance(node, Scalar):
        found = "nothing" if node.value is None else f"'{node.text if node.text is not None else node.value}'"
    reader.problem(node.place, f"expected {expects}, found {found}")


def _read_shellcheck(node: Node, reader: Reader) -> ShellcheckUse | None:
    """YAML and TOML have other words for `on` and `off`."""
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return ShellcheckUse.ON if node.value else ShellcheckUse.OFF
    word = _SHELLCHECK_WORD.read(node, reader)
    return None if word is None else ShellcheckUse(word)


def _read_boolean(node: Node, reader: Reader) -> bool | None:
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return node.value
    if isinstance(node, Scalar) and not node.place.line and node.text is not None:
        # Options and variables are always texts.
        word = node.text.lower()
        if word in ("1", "true", "yes", "on"):
            return True
        if word in ("0", "false", "no", "off", ""):
            return False
    wrong(node, reader, BOOLEAN.expects)
    return None


def _text(node: Node, reader: Reader, expects: str) -> str | None:
    if isinstance(node, Scalar) and node.value is not None and node.text is not None:
        return node.text
    quote = isinstance(node, Scalar) and node.value is not None
    wrong(node, reader, expects + (" in quotes" if quote else ""))
    return None


def _read_text(node: Node, reader: Reader) -> str | None:
    return _text(node, reader, TEXT.expects)


def _read_path(node: Node, reader: Reader) -> str | None:
    text = _text(node, reader, PATH.expects)
    return None if text is None else os.path.normpath(os.path.join(reader.folder, text))


def _each_text(node: Node, reader: Reader, expects: str) -> list[tuple[str, Place]]:
    """The texts of a list; a single text is a list of one."""
    if isinstance(node, Table) or (isinstance(node, Scalar) and node.value is None):
        wrong(node, reader, expects)
        return []
    items = node.items if isinstance(node, Items) else (node,)
    texts = [(_text(item, reader, "a text"), item.place) for item in items]
    return [(text, place) for text, place in texts if text is not None]


def _read_globs(node: Node, reader: Reader) -> tuple[Glob, ...]:
    return tuple(Glob(reader.folder, text) for text, _ in _each_text(node, reader, GLOBS.expects))


def _read_contexts(node: Node, reader: Reader) -> Mapping[str, str]:
    """`NAME`, `NAME=VALUE`, or a table of values by names; a value that is a path is seen from the settings file."""
    if isinstance(node, Table):
        pairs = [(entry.key, _text(entry.value, reader, "a text") or "") for entry in node.entries]
    else:
        texts = _each_text(node, reader, NAMED_CONTEXTS.expects)
        pairs = [(name, value) for name, _, value in (text.partition("=") for text, _ in texts)]
    return {name.strip(): _context_value(value.strip(), reader.folder) for name, value in pairs}


def _context_value(value: str, folder: str) -> str:
    if not value or "://" in value or value.startswith("git@"):
        return value
    return os.path.normpath(os.path.join(folder, value))


def _read_selectors(node: Node, reader: Reader) -> tuple[str, ...]:
    texts = _each_text(node, reader, SELECTORS.expects)
    return tuple(text for text, place in texts if names_rules(text, place, reader))


def names_rules(selector: str, place: Place, reader: Reader) -> bool:
    """Whether a selector means any rule; notes a problem if not."""
    if reader.registry.codes(selector):
        return True
    suggestion = reader.registry.suggestion(selector)
    hint = f": did you mean '{suggestion}'?" if suggestion else " (`dlint rules` lists them)"
    reader.problem(place, f"no rule is called '{selector}'{hint}")
    return False


def _read_formats(node: Node, reader: Reader) -> tuple[str, ...]:
    """`FORMAT` or `FORMAT:FILE`; the path is relative as all others are."""
    formats = []
    for text, place in _each_text(node, reader, FORMATS.expects):
        name, mark, path = text.partition(":")
        known = _FORMAT.read(Scalar(name, name, place), reader)
        if mark and not path:
            reader.problem(place, f"'{text}' has no file behind the colon")
        elif known is not None:
            formats.append(known + mark + (os.path.normpath(os.path.join(reader.folder, path)) if path else ""))
    return tuple(formats)


def _read_platform(node: Node, reader: Reader) -> str | None:
    text = _text(node, reader, PLATFORM.expects)
    if text is None or (2 <= len(text.split("/")) <= 3 and all(text.split("/"))):
        return text
    wrong(node, reader, PLATFORM.expects)
    return None


def _read_severities(node: Node, reader: Reader) -> Mapping[str, Severity] | None:
    if not isinstance(node, Table):
        wrong(node, reader, SEVERITIES.expects)
        return None
    levels = {
        entry.key: LEVEL.read(entry.value, reader)
        for entry in node.entries
        if names_rules(entry.key, entry.place, reader)
    }
    return {selector: Severity[level.upper()] for selector, level in levels.items() if level is not None}


def _read_ignores(node: Node, reader: Reader) -> Mapping[Glob, tuple[str, ...]] | None:
    if not isinstance(node, Table):
        wrong(node, reader, IGNORES_BY_GLOB.expects)
        return None
    return {Glob(reader.folder, entry.key): _read_selectors(entry.value, reader) for entry in node.entries}


def choice(*words: str, expects: str = "", hints: Mapping[str, str] | None = None) -> Kind[str]:
    """The kind of a setting that is one of several words; `hints` explain other words that one might try."""
    expects = expects or f"one of {', '.join(words)}"

    def read(node: Node, reader: Reader) -> str | None:
        text = _text(node, reader, expects)
        if text is None or text.lower() in words:
            return None if text is None else text.lower()
        hint = (hints or {}).get(text.lower())
        meant = nearest(text.lower(), words)
        if hint is None and meant is not None:
            hint = f"did you mean '{meant}'?"
        reader.problem(node.place, f"expected {expects}, found '{text}'" + (f": {hint}" if hint else ""))
        return None

    return Kind(expects, read, _last, {"enum": list(words)})


def matching(pattern: str, expects: str) -> Kind[str]:
    """The kind of a text that a regular expression matches as a whole; `pattern` is ours, not a user's."""

    def read(node: Node, reader: Reader) -> str | None:
        text = _text(node, reader, expects)
        if text is None or re.fullmatch(pattern, text):
            return text
        wrong(node, reader, expects)
        return None

    return Kind(expects, read, _last, {**TEXT.schema, "pattern": f"^(?:{pattern})$"})


def number(least: float | None = None, most: float | None = None, *, whole: bool = True) -> Kind[float]:
    """The kind of a number that is neither below `least` nor above `most`; without a fraction if it is `whole`."""
    expects = ("a whole number" if whole else "a number") + _range(least, most)

    def read(node: Node, reader: Reader) -> float | None:
        value = _number(node)
        fits = (least is None or value is None or value >= least) and (most is None or value is None or value <= most)
        if value is None or not fits or (whole and not isinstance(value, int)):
            wrong(node, reader, expects)
            return None
        return value if whole else float(value)

    bounds = {"minimum": least, "maximum": most}
    limits = {name: bound for name, bound in bounds.items() if bound is not None}
    return Kind(expects, read, _last, {"type": "integer" if whole else "number", **limits})


def _range(least: float | None, most: float | None) -> str:
    if least is not None and most is not None:
        return f" from {least} to {most}"
    if least is not None:
        return f" of at least {least}"
    return "" if most is None else f" of at most {most}"


def _number(node: Node) -> int | float | None:
    """The number that a node is; the text of an option or a variable is one if it is written like one."""
    if not isinstance(node, Scalar) or isinstance(node.value, bool):
        return None
    if isinstance(node.value, int | float):
        return node.value
    if node.place.line or node.text is None or not _NUMBER.fullmatch(node.text.strip()):
        return None
    return float(node.text) if "." in node.text else int(node.text)


def list_of(item: Kind[str], expects: str = "") -> Kind[tuple[str, ...]]:
    """The kind of a list of texts of one kind."""
    expects = expects or f"a list, each {item.expects}"

    def read(node: Node, reader: Reader) -> tuple[str, ...]:
        texts = _each_text(node, reader, expects)
        values = (item.read(Scalar(text, text, place), reader) for text, place in texts)
        return tuple(value for value in values if value is not None)

    return Kind(expects, read, _list, _one_or_more(item.schema))


def table_of(item: Kind[str], expects: str = "") -> Kind[Mapping[str, str]]:
    """The kind of a table whose values are texts of one kind; its keys are free."""
    expects = expects or f"a table, each value {item.expects}"

    def read(node: Node, reader: Reader) -> Mapping[str, str] | None:
        if not isinstance(node, Table):
            wrong(node, reader, expects)
            return None
        values = {entry.key: item.read(entry.value, reader) for entry in node.entries}
        return {key: value for key, value in values.items() if value is not None}

    return Kind(expects, read, _pairs, {"type": "object", "additionalProperties": item.schema})


def _one_or_more(item: Schema) -> Schema:
    """The schema of a list for which a single value may stand."""
    return {"anyOf": [{"type": "array", "items": item}, item]}


# YAML tells numbers and words such as `on` from texts where nothing is in quotes; as texts they are what was written.
TEXT = Kind("a text", _read_text, _last, {"type": ["string", "number", "boolean"]})
BOOLEAN = Kind("true or false", _read_boolean, _last, {"type": "boolean"})
PATH = Kind("a path", _read_path, _last, TEXT.schema)
PLATFORM = Kind(
    "a platform such as linux/arm64", _read_platform, _last, {"type": "string", "pattern": "^[^/]+/[^/]+(/[^/]+)?$"}
)
_FORMAT = choice(*FORMAT_NAMES, hints={"tty": "the format for people is 'text'"})
FORMATS = Kind(
    "a list of formats",
    _read_formats,
    _list,
    _one_or_more({"type": "string", "pattern": f"^({'|'.join(FORMAT_NAMES)})(:.+)?$"}),
)
TEXTS = list_of(TEXT, "a list of texts")
GLOBS = Kind("a list of patterns", _read_globs, _list, _one_or_more(TEXT.schema))
NAMED_CONTEXTS = Kind(
    "a list of names, or of NAME=VALUE",
    _read_contexts,
    _list,
    {
        "anyOf": [
            {"type": "array", "items": TEXT.schema},
            TEXT.schema,
            {"type": "object", "additionalProperties": TEXT.schema},
        ]
    },
)
SELECTORS = Kind("a list of rules", _read_selectors, _list, _one_or_more(RULE_REFERENCE))
TEXT_TABLE = table_of(TEXT, "a table of texts")
LEVEL = choice("error", "warning", "info", "style", "off")
_SHELLCHECK_WORD = choice(*(use.value for use in ShellcheckUse))
SHELLCHECK = Kind(
    _SHELLCHECK_WORD.expects, _read_shellcheck, _last, {"enum": [*(use.value for use in ShellcheckUse), True, False]}
)
SEVERITIES = Kind(
    "a table of rules and levels",
    _read_severities,
    _list_of_pairs,
    {"type": "object", "propertyNames": RULE_REFERENCE, "additionalProperties": LEVEL.schema},
)
IGNORES_BY_GLOB = Kind(
    "a table of patterns and rules",
    _read_ignores,
    None,
    {"type": "object", "additionalProperties": SELECTORS.schema},
)
