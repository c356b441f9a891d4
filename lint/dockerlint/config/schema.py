"""The JSON schema of settings files, for editors: made of the keys and the options of the rules that are installed.

It is written for draft 7, which editors know best. A file that it accepts can be read, unless it names rules by a
start that none has (`DL99*`). The reader takes more: names of rules and words such as `error` in any case, and `yes`,
`no`, `on` and `off` for booleans.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dockerlint.config import keys
from dockerlint.config.kinds import Glob, Schema
from dockerlint.finding import Severity
from dockerlint.registry import ALL, Registry
from dockerlint.rule import Option, Rule
from dockerlint.settings import ShellcheckUse
from dockerlint.shellcheck.codes import NAME as SHELLCHECK

DRAFT = "http://json-schema.org/draft-07/schema#"


def settings_schema(registry: Registry) -> dict[str, object]:
    """The schema, as `json.dumps` takes it."""
    return {
        "$schema": DRAFT,
        "title": "Settings of dlint",
        "description": "A settings file of dlint: .dlint.yaml, dlint.yaml, or the table tool.dlint of pyproject.toml.",
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _of_key(key) for name, key in keys.all_keys(registry).items()},
        "definitions": {
            "rule": {
                "description": "A rule: its code, its name, what another tool calls it, the start of one of these "
                f"with `*` behind it, a code of ShellCheck, `{SHELLCHECK}` for all of these, or `{ALL}`.",
                "anyOf": [
                    {"enum": list(_names(registry))},
                    {"type": "string", "pattern": r"^([^*]+\*|SC[0-9]{4,5})$"},
                ],
            },
            "rules": {
                "type": "object",
                "additionalProperties": False,
                "properties": dict(_rules(registry)),
            },
            **{rule.code: _options(rule) for rule in registry.rules if rule.options},
        },
    }


def _of_key(key: keys.Key[object]) -> Schema:
    described = {"description": _sentence(key.help), **_with_default(key.default)}
    if "$ref" in key.kind.schema:
        # What stands beside a reference is not looked at.
        return {**described, "allOf": [key.kind.schema]}
    return {**key.kind.schema, **described}


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:].removesuffix('.')}."


def _with_default(default: object) -> Schema:
    return {} if default is None else {"default": _json(default)}


def _json(value: object) -> object:
    """A value of a setting as a settings file has it."""
    if isinstance(value, Glob):
        return value.pattern
    if isinstance(value, Severity):
        return value.label
    if isinstance(value, ShellcheckUse):
        return value.value
    if isinstance(value, tuple | frozenset):
        return sorted(map(_json, value), key=str) if isinstance(value, frozenset) else list(map(_json, value))
    if isinstance(value, Mapping):
        return {_json(name): _json(entry) for name, entry in value.items()}
    return value


def _names(registry: Registry) -> Iterator[str]:
    """All that a rule may be called, in the spelling of its author: codes, then names, then aliases."""
    codes = (rule.code for rule in registry.rules)
    names = sorted(rule.name for rule in registry.rules)
    aliases = sorted(alias for rule in registry.rules for alias in rule.aliases)
    return iter(dict.fromkeys((ALL, SHELLCHECK, *codes, *names, *aliases)))


def _rules(registry: Registry) -> Iterator[tuple[str, Schema]]:
    """The rules that have options, under each word that means one alone."""
    for rule in registry.rules:
        if rule.options:
            words = (rule.name, rule.code, *rule.aliases)
            yield from ((word, _reference(rule)) for word in words if registry.named(word) == (rule,))


def _reference(rule: Rule) -> Schema:
    return {"$ref": f"#/definitions/{rule.code}"}


def _options(rule: Rule) -> Schema:
    return {
        "description": f"{rule.code}: {rule.summary}",
        "type": "object",
        "additionalProperties": False,
        "properties": {option.name: _option(option) for option in rule.options},
    }


def _option(option: Option[object]) -> Schema:
    examples = {} if option.example is None else {"examples": [_json(option.example)]}
    described = {"description": _sentence(option.help), **_with_default(option.default), **examples}
    return {**keys.kind_of(option).schema, **described}
