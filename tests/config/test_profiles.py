"""Which rules run at which level: profiles, selections, levels, and their order."""

from __future__ import annotations

import pytest

from dockerlint.config.layers import Configuration, layer_of_file
from dockerlint.config.profiles import active_rules
from dockerlint.config.yaml_file import parse_yaml
from tests.config.sample import REGISTRY

FATAL = {"DL1000": "error", "DL1002": "error"}
RECOMMENDED = FATAL | {
    "DL1007": "error",
    "DL3006": "warning",
    "DL3007": "warning",
    "DL3026": "error",
    "DL3049": "info",
    "DL3050": "info",
}


def without(*codes: str) -> dict[str, str]:
    return {code: level for code, level in RECOMMENDED.items() if code not in codes}


SIXES = {"DL6001": "info", "DL6002": "style"}
THE_30S_AT_INFO = dict.fromkeys(("DL3006", "DL3026", "DL3049", "DL3050"), "info")


def levels(*layers: str) -> dict[str, str]:
    """The levels of the rules that run, by code; layers are given as files, the highest first."""
    configuration = Configuration(tuple(layer_of_file(parse_yaml(text, "x"), REGISTRY, "") for text in layers))
    return {active.rule.code: active.severity.label for active in active_rules(configuration, REGISTRY)}


def test_without_settings_the_recommended_rules_run() -> None:
    assert levels() == RECOMMENDED


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("recommended", RECOMMENDED),
        ("strict", RECOMMENDED | {"DL1001": "info", "DL6001": "info"}),
        ("all", RECOMMENDED | {"DL1001": "info", "DL6001": "info", "DL6002": "style"}),
        (
            "hadolint",
            FATAL | {"DL3006": "warning", "DL3007": "info", "DL3026": "error", "DL3049": "info", "DL3050": "info"},
        ),
    ],
)
def test_profiles(profile: str, expected: dict[str, str]) -> None:
    assert levels(f"profile: {profile}") == expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        # Selections.
        ("select: [DL3006]", FATAL | {"DL3006": "warning"}),
        ("select: [DL6001]", FATAL | {"DL6001": "info"}),
        ("select: []", FATAL),
        ("select: [DS-0001]", FATAL | {"DL3006": "warning", "DL3007": "warning"}),
        ("select: ['DL60*']", FATAL | SIXES),
        (
            "{profile: hadolint, select: ['DL30*', 'DL6*']}",
            FATAL | THE_30S_AT_INFO | {"DL3006": "warning", "DL3007": "info", "DL3026": "error"} | SIXES,
        ),
        ("extend-select: [noise]", RECOMMENDED | {"DL6002": "style"}),
        ("{profile: hadolint, select: [DL3007, DL1007]}", FATAL | {"DL3007": "info", "DL1007": "error"}),
        ("{profile: hadolint, select: [DL1001]}", FATAL | {"DL1001": "info"}),
        # What is ignored.
        ("ignore: ['DL30*', DL1007]", FATAL),
        ("{ignore: [DL3006], extend-ignore: [DL3007]}", without("DL3006", "DL3007")),
        ("{select: [DL3006, DL3007], ignore: [DL3006]}", FATAL | {"DL3007": "warning"}),
        ("{select: [DL3006], ignore: [DL1002]}", {"DL1000": "error", "DL3006": "warning"}),
        ("{select: [], ignore: [DL1000]}", {}),
        # Levels.
        ("severity: {DL3006: info}", RECOMMENDED | {"DL3006": "info"}),
        ("severity: {DL1001: style}", RECOMMENDED | {"DL1001": "style"}),
        ("severity: {'DL6*': error}", RECOMMENDED),
        (
            "severity: {all: style, DL3007: error, 'DL30*': info}",
            FATAL | THE_30S_AT_INFO | {"DL1007": "style", "DL3007": "error"},
        ),
        ("severity: {DL3007: error, 'DL30*': info, all: off}", THE_30S_AT_INFO | {"DL3007": "error"}),
        ("{select: [DL3006], severity: {DL1001: info}}", FATAL | {"DL3006": "warning"}),
        ("{select: [DL3006], severity: {DL3006: off}}", FATAL),
        ("severity: {DL1002: info}", RECOMMENDED),
        ("severity: {DL1002: off}", without("DL1002")),
    ],
)
def test_one_layer(settings: str, expected: dict[str, str]) -> None:
    assert levels(settings) == expected


@pytest.mark.parametrize(
    ("high", "low", "expected"),
    [
        ("select: [DL3006]", "ignore: [DL3006]", FATAL | {"DL3006": "warning"}),
        ("select: [DL3006]", "{select: [DL3007], extend-select: [DL3026]}", FATAL | {"DL3006": "warning"}),
        ("extend-select: [DL3026]", "select: [DL3007]", FATAL | {"DL3007": "warning", "DL3026": "error"}),
        (
            "extend-select: [DL3007]",
            "{select: [DL3006], ignore: [DL3007]}",
            FATAL | {"DL3006": "warning", "DL3007": "warning"},
        ),
        ("ignore: [DL3006]", "select: [DL3006, DL3007]", FATAL | {"DL3007": "warning"}),
        ("ignore: [DL3006]", "{select: [DL3006, DL3007], ignore: [DL3007]}", FATAL | {"DL3007": "warning"}),
        ("extend-ignore: [DL3006]", "{select: [DL3006, DL3007], ignore: [DL3007]}", FATAL),
        ("select: [DL3006]", "severity: {DL3006: off}", FATAL | {"DL3006": "warning"}),
        ("select: [DL3006]", "severity: {DL3006: style}", FATAL | {"DL3006": "style"}),
        ("severity: {DL1001: info}", "select: [DL3006]", FATAL | {"DL3006": "warning", "DL1001": "info"}),
        ("severity: {'DL30*': info}", "{select: [DL3006], severity: {DL3006: error}}", FATAL | {"DL3006": "info"}),
        ("severity: {DL3006: off}", "select: [DL3006]", FATAL),
    ],
)
def test_the_highest_layer_that_says_something_decides(high: str, low: str, expected: dict[str, str]) -> None:
    assert levels(high, low) == expected


def test_a_level_that_the_user_chose_is_fixed() -> None:
    configuration = Configuration((layer_of_file(parse_yaml("severity: {DL3006: warning}", "x"), REGISTRY, ""),))
    fixed = {active.rule.code for active in active_rules(configuration, REGISTRY) if active.fixed}
    assert fixed == {"DL3006"}


def test_options_come_from_the_rule_and_from_their_own_settings() -> None:
    text = """
    trusted-registries: [docker.io]
    label-schema: {maintainer: text}
    extend-select: [DL6001]
    rules:
      DL6001: {limit: 3, quiet: false}
      DL3050: {schema: {other: url}}
    """
    configuration = Configuration((layer_of_file(parse_yaml(text, "x"), REGISTRY, ""),))
    values = {active.rule.code: dict(active.values) for active in active_rules(configuration, REGISTRY)}
    assert {code: value for code, value in values.items() if value} == {
        "DL3026": {"registries": ("docker.io",)},
        "DL3049": {"schema": {"maintainer": "text"}},
        "DL3050": {"schema": {"other": "url"}},
        "DL6001": {"limit": 3, "quiet": False},
    }
