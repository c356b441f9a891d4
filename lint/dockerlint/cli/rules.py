"""`dlint rules`: list the rules that are installed."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from typing import TextIO

from dockerlint.cli.guard import CommandError
from dockerlint.cli.options import Group, Parser
from dockerlint.cli.rule_page import level
from dockerlint.config.keys import PROFILES, kind_of
from dockerlint.registry import Registry, load
from dockerlint.rule import Rule
from dockerlint.shellcheck.codes import is_code, rule_of

_USAGE = "dlint rules [OPTION…] [RULE…]"

_DESCRIPTION = """\
List all rules, or those that are named by code, name, alias, or the start of
one of these (DL30*). `dlint explain RULE` prints the manual of a rule."""

_COLUMNS = ("CODE", "LEVEL", "STRICT", "HADOLINT", "NAME", "WHAT IS WRONG")


def run(arguments: Sequence[str]) -> int:
    """Print the list, and give the exit status."""
    parser = Parser("rules", _USAGE, _DESCRIPTION)
    group = Group(parser, "options")
    group.value("-f", "--format", metavar="FORMAT", help="text (default) or json")
    group.help()
    namespace, words = parser.read(arguments)
    if namespace.format not in (None, "text", "json"):
        parser.error(f"--format: expected text or json, found '{namespace.format}'")
    registry = load()
    rules = _selected(registry, words)
    if namespace.format == "json":
        json.dump([_object(rule) for rule in rules], sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")
    else:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        _write_table(rules, sys.stdout, width)
    return 0


def _selected(registry: Registry, words: Sequence[str]) -> tuple[Rule, ...]:
    return find_rules(registry, words) if words else registry.rules


def find_rules(registry: Registry, words: Sequence[str]) -> tuple[Rule, ...]:
    """The rules that selectors mean, each once, by code; raises `CommandError` for one that means none."""
    found: dict[str, Rule] = {}
    for word in words:
        rules = registry.selected(word) or ((rule_of(word.upper()),) if is_code(word) else ())
        if not rules:
            meant = registry.suggestion(word)
            hint = f": did you mean '{meant}'?" if meant else " (`dlint rules` lists all)"
            raise CommandError(f"no rule is called '{word}'{hint}")
        found |= {rule.code: rule for rule in rules}
    return tuple(found[code] for code in sorted(found))


def _write_table(rules: Sequence[Rule], out: TextIO, width: int | None) -> None:
    rows = [_COLUMNS, *map(_row, rules)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS) - 1)]
    for row in rows:
        line = "  ".join([*(cell.ljust(size) for cell, size in zip(row, widths, strict=False)), row[-1]])
        out.write((line if width is None or len(line) <= width else line[: max(width - 1, 1)] + "…") + "\n")


def _row(rule: Rule) -> tuple[str, ...]:
    levels = [level(rule, profile) for profile in ("recommended", "strict", "hadolint")]
    return (rule.code, *levels, rule.name, rule.summary)


def _object(rule: Rule) -> dict[str, object]:
    levels = {profile: level(rule, profile) for profile in PROFILES}
    return {
        "code": rule.code,
        "name": rule.name,
        "summary": rule.summary,
        "level": rule.severity.label,
        "profiles": {profile: found for profile, found in levels.items() if found != "-"},
        "confidence": rule.confidence.value,
        "aliases": list(rule.aliases),
        "tags": list(rule.tags),
        "options": list(_options(rule)),
    }


def _options(rule: Rule) -> Iterator[dict[str, object]]:
    for option in rule.options:
        default: object = option.default
        expects = kind_of(option).expects
        yield {
            "name": option.name,
            "type": expects,
            "default": default,
            "help": option.help,
            "setting": option.setting,
        }
