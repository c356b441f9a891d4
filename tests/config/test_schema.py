"""The JSON schema of settings files says the same as the reader of settings."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from dockerlint.config import keys
from dockerlint.config.document import ConfigError, Items, Node, Scalar
from dockerlint.config.layers import layer_of_file
from dockerlint.config.schema import settings_schema
from dockerlint.config.show import yaml_text
from dockerlint.config.yaml_file import parse_yaml
from dockerlint.registry import Registry, load
from dockerlint.rule import Option
from tests.config.sample import EVERYTHING, MISTAKES, REGISTRY
from tests.shared import REPOSITORY

SCHEMA = settings_schema(REGISTRY)
VALIDATOR = Draft7Validator(SCHEMA)

#: Texts of settings files that can be read.
GOOD = [
    "",
    EVERYTHING.replace("Strict", "strict")
    .replace(": yes", ": true")
    .replace("suppressions: off", "suppressions: false"),
    "select: all",
    "ignore: [DL1000, DS-0001, 'DL30*', noise]",
    "severity: {DL3006: info, 'DL3*': 'off', all: style}",
    "per-file-ignores: {'a/**': all, b: [DL3006, DL3007]}",
    "rules: {DL6001: {limit: 1, share: 0, ports: [22, '80'], quiet: false, command: yes}, DL3049: {schema: {a: url}}}",
    "rules: {too-many-layers: {}, label-missing: {strict: true}}",
    "fail-on: never",
    "format: 'json:out.json'",
    "build-args: {A: 1, B: 1.5, C: x, D: true}",
    "named-contexts: {base: docker-image://alpine}",
    "platform: windows/amd64",
    "trusted-registries: docker.io",
    "label-schema: {maintainer: text, created: rfc3339}",
]

#: What only the reader takes, since a schema that took it would be hard to read: see `config.schema`.
LENIENT = [
    "profile: Strict",
    "severity: {dl3006: Error}",
    "no-fail: yes",
    "label-schema: {a: URL}",
    "rules: {DL3007: {}}",
]

#: What only the reader can refuse.
BEYOND = ["select: ['DL99*']"]


def plain(node: Node) -> object:
    """A settings file as editors see it, by the rules of YAML 1.2: `yes` is a text there, and `off` too."""
    if isinstance(node, Scalar):
        return node.text if isinstance(node.value, bool) and node.text not in ("true", "false") else node.value
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    return {entry.key: plain(entry.value) for entry in node.entries}


def is_read(text: str, registry: Registry = REGISTRY) -> bool:
    try:
        layer_of_file(parse_yaml(text, ".dlint.yaml"), registry, "")
    except ConfigError:
        return False
    return True


def is_accepted(text: str, validator: Draft7Validator = VALIDATOR) -> bool:
    return validator.is_valid(plain(parse_yaml(text, ".dlint.yaml")))


@pytest.mark.parametrize("registry", [REGISTRY, load()], ids=["sample", "installed"])
def test_the_schema_is_one(registry: Registry) -> None:
    schema = settings_schema(registry)
    Draft7Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema
    assert set(schema["properties"]) == set(keys.all_keys(registry))  # type: ignore[call-overload]  # a mapping


@pytest.mark.parametrize("text", GOOD)
def test_the_schema_accepts_what_can_be_read(text: str) -> None:
    assert is_read(text)
    assert is_accepted(text)


@pytest.mark.parametrize("text", [text for text, _ in MISTAKES])
def test_the_schema_refuses_what_cannot_be_read(text: str) -> None:
    assert not is_read(text)
    assert not is_accepted(text)


@pytest.mark.parametrize("text", LENIENT)
def test_the_reader_takes_more_spellings(text: str) -> None:
    assert is_read(text)
    assert not is_accepted(text)


@pytest.mark.parametrize("text", BEYOND)
def test_the_reader_knows_more_mistakes(text: str) -> None:
    assert not is_read(text)
    assert is_accepted(text)


_WORDS = st.sampled_from(["DL3006", "all", "off", "error", "json", "json:", "url", "a/b", "strict", "22", "never"])
_LEAVES = st.none() | st.booleans() | st.integers(-2, 10**6) | st.just(0.5) | _WORDS
_KEYS = st.sampled_from(["DL6001", "DL3049", "too-many-layers", "limit", "share", "ports", "quiet", "strict", "x"])
_VALUES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3), max_leaves=6
)


@given(st.dictionaries(st.sampled_from([*keys.all_keys(REGISTRY), "selct"]), _VALUES, max_size=3))
def test_schema_and_reader_agree_on_any_values(values: dict[str, object]) -> None:
    # An empty table of options says nothing, for whatever rule it stands.
    rules = values.get("rules")
    assume(not isinstance(rules, dict) or {} not in rules.values())
    text = json.dumps(values)
    assert is_read(text) == is_accepted(text), text


@pytest.mark.parametrize("option", [o for rule in load().rules for o in rule.options], ids=lambda option: option.name)
def test_the_default_and_the_example_of_each_option_are_values_of_it(option: Option[object]) -> None:
    validator = Draft7Validator(settings_schema(load()))
    rule = next(rule for rule in load().rules if option in rule.options)
    for value in (option.default, option.example):
        if value is not None:
            text = f"rules: {{{rule.code}: {{{option.name}: {yaml_text(value)}}}}}"
            assert is_read(text, load())
            assert is_accepted(text, validator)


def test_an_option_with_an_empty_default_shows_an_example() -> None:
    silent = [
        f"{rule.code} {option.name}"
        for rule in load().rules
        for option in rule.options
        if option.default in ((), {}, "") and not option.example
    ]
    assert silent == []


def _samples() -> Iterator[str]:
    """The settings files that the README shows."""
    for block in (REPOSITORY / "README.md").read_text(encoding="utf-8").split("```yaml\n")[1:]:
        text = block.split("```")[0]
        if text.startswith(("# .dlint.yaml", "# yaml-language-server")):
            yield text


@pytest.mark.parametrize("text", list(_samples()))
def test_the_samples_of_the_readme_are_accepted(text: str) -> None:
    assert is_read(text, load())
    assert is_accepted(text, Draft7Validator(settings_schema(load())))
