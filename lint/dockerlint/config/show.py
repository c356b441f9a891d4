"""Shows what settings hold and where each comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from dockerlint.config.effective import Effective
from dockerlint.config.keys import FAIL_ON, RULES, Key, Setting, all_keys
from dockerlint.config.kinds import Glob
from dockerlint.config.yaml_file import NOT_TEXT
from dockerlint.finding import Severity
from dockerlint.registry import Registry
from dockerlint.settings import ShellcheckUse

#: Where the comments stand that say where a value comes from, if the value leaves room.
_MARGIN = 40


def show(effective: Effective, registry: Registry) -> str:
    """All settings in the format of a settings file, each with the place that it comes from as a comment.

    Defaults are comments as a whole, so that the text read as a settings file sets the same.
    """
    file = "no settings file" if effective.file is None else f"settings file {effective.file.path}"
    lines = [f"# {file}; {len(effective.settings.rules)} of {len(registry.rules)} rules run"]
    for key in all_keys(registry).values():
        places = effective.configuration.places(key)
        first, *rest = _value_lines(key, effective)
        name = f"{key.name}: {first}".rstrip()
        if places:
            lines += [f"{name:{_MARGIN}} # {', '.join(map(str, places))}", *rest]
        else:
            lines += [f"{'# ' + name:{_MARGIN}} # default", *(f"# {line}" for line in rest)]
    return "\n".join(lines) + "\n"


def _value_lines(key: Key[object], effective: Effective) -> Iterator[str]:
    """The value: one line, or an empty one and an indented line for each entry of a table."""
    value = effective.configuration.value(key)
    if key is FAIL_ON:
        level = effective.settings.fail_on
        yield "never" if level is None else level.label
    elif key is RULES:
        yield from _rule_lines(effective.configuration.value(RULES))
    elif isinstance(value, Mapping):
        yield "" if value else "{}"
        yield from (f"  {yaml_text(name)}: {yaml_text(entry)}" for name, entry in value.items())
    else:
        yield yaml_text(value)


def _rule_lines(values: Mapping[tuple[str, str], Setting]) -> Iterator[str]:
    yield "" if values else "{}"
    by_code: dict[str, list[tuple[str, Setting]]] = {}
    for (code, name), setting in values.items():
        by_code.setdefault(code, []).append((name, setting))
    for code, options in by_code.items():
        yield f"  {code}:"
        yield from (f"    {name}: {yaml_text(setting.value)}" for name, setting in options)


def yaml_text(value: object) -> str:
    """A value as YAML; JSON strings are YAML, and so quote what has a meaning there."""
    if isinstance(value, Glob):
        return yaml_text(value.pattern)
    if isinstance(value, Severity):
        return value.label
    if isinstance(value, ShellcheckUse):
        return value.value
    if isinstance(value, str) and value.replace("-", "").isidentifier() and value.lower() not in NOT_TEXT:
        return value
    if isinstance(value, tuple | frozenset):
        items = value if isinstance(value, tuple) else sorted(value)
        return f"[{', '.join(map(yaml_text, items))}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{yaml_text(name)}: {yaml_text(entry)}" for name, entry in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)
