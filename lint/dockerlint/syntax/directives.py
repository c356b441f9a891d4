"""The values of parser directives: the options of `check`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from dockerlint.source import Span
from dockerlint.syntax.booleans import parse_bool
from dockerlint.syntax.invalid import Invalid, quoted
from dockerlint.syntax.nearest import nearest
from dockerlint.syntax.tree import Directive, Problem

#: BuildKit's option parser splits the value into this many options at most.
_MOST_OPTIONS = 3

_OPTIONS = ("skip", "experimental", "error")


class CheckName(NamedTuple):
    """A rule name in a `check=` option, as written, with its offsets in the value."""

    text: str
    start: int
    end: int


class CheckOptions(NamedTuple):
    """What `check=` asks for: rules to skip, experimental rules to run (`all` is a name too), whether findings fail."""

    skip: tuple[CheckName, ...] = ()
    experimental: tuple[CheckName, ...] = ()
    error: bool | None = None


def read_check_options(value: str) -> CheckOptions | Invalid:
    """Read `skip=A,B;error=true;experimental=all` as BuildKit does: the value ends at the first blank.

    Unknown rule names pass; an unknown option, an option without `=` and a bad boolean do not.
    """
    words = value.split(None, 1)
    value = words[0] if words else ""
    options = CheckOptions()
    at = 0
    for part in value.split(";", _MOST_OPTIONS - 1):
        start, at = at, at + len(part) + 1
        key, equals, given = part.partition("=")
        name = key.strip()
        if not equals:
            reason = f"{quoted(part)} is no option: write skip=RULE, experimental=RULE or error=true"
            return Invalid(reason if part else "an option is missing beside the ';'", start, start + len(part))
        values_at = start + len(key) + 1
        if name == "skip":
            options = options._replace(skip=_names(given, values_at))
        elif name == "experimental":
            options = options._replace(experimental=_names(given, values_at))
        elif name == "error":
            flag = parse_bool(given.strip())
            if isinstance(flag, Invalid):
                return Invalid(f"{quoted(given)} is neither true nor false", values_at, values_at + len(given))
            options = options._replace(error=flag)
        else:
            return Invalid(f"unknown option {quoted(name)}: {_option_hint(name)}", start, start + len(key))
    return options


def _option_hint(name: str) -> str:
    lower = name.lower()
    near = lower if lower in _OPTIONS else nearest(lower, _OPTIONS)
    return f"did you mean {near}?" if near else f"there are {', '.join(_OPTIONS[:-1])} and {_OPTIONS[-1]}"


def _names(text: str, at: int) -> tuple[CheckName, ...]:
    names = []
    for part in text.split(","):
        stripped = part.strip()
        if stripped:
            start = at + len(part) - len(part.lstrip())
            names.append(CheckName(stripped, start, start + len(stripped)))
        at += len(part) + 1
    return tuple(names)


def check_directives(directives: Iterable[Directive]) -> list[Problem]:
    """The problems of the directives' values. The escape character is judged where it is read."""
    problems = []
    for directive in directives:
        if directive.name == "check":
            options = read_check_options(directive.value)
            if isinstance(options, Invalid):
                start = directive.value_span.start
                span = Span(start + options.start, start + options.end)
                problems.append(Problem("DL1010", span, f"parser directive 'check': {options.reason}"))
    return problems
