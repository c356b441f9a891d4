"""Settings written for hadolint keep their meaning."""

from __future__ import annotations

import pytest

from dockerlint.config import keys
from dockerlint.config.document import ConfigError
from dockerlint.config.hadolint import layer_of_hadolint, layer_of_hadolint_environment
from dockerlint.config.layers import Configuration, Layer
from dockerlint.config.yaml_file import parse_yaml
from dockerlint.finding import Severity
from tests.config.sample import REGISTRY, problems


def of(text: str) -> Layer:
    return layer_of_hadolint(parse_yaml(text, ".hadolint.yaml"), REGISTRY)


def values(layer: Layer) -> dict[str, object]:
    return {name: setting.value for name, setting in layer.settings.items()}


def test_everything_that_has_an_equal_is_translated() -> None:
    layer = of(
        """
        failure-threshold: info
        format: sarif
        ignored: [DL3006, SC2086, DL4321]
        override:
          error: [DL3007]
          style: [DL3007, DL3006]
          warning: [SC2035]
        label-schema: {maintainer: text}
        strict-labels: true
        disable-ignore-pragma: true
        trustedRegistries: [docker.io, my.registry:5000]
        no-fail: true
        no-color: true
        verbose: true
        """
    )
    assert values(layer) == {
        "fail-on": "info",
        "format": ("sarif",),
        "ignore": ("DL3006", "SC2086"),
        "severity": {"DL3007": Severity.ERROR, "DL3006": Severity.STYLE, "SC2035": Severity.WARNING},
        "label-schema": {"maintainer": "text"},
        "strict-labels": True,
        "suppressions": False,
        "trusted-registries": ("docker.io", "my.registry:5000"),
        "no-fail": True,
        "color": "never",
    }
    assert layer.warnings == ()
    places = {name: str(setting.place) for name, setting in layer.settings.items()}
    assert places["fail-on"] == ".hadolint.yaml:2:9"
    assert places["severity"] == ".hadolint.yaml:5:9"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("trustedRegistries: docker.io", {"trusted-registries": ("docker.io",)}),
        ("format: tty", {"format": ("text",)}),
        ("no-color: false", {}),
        ("disable-ignore-pragma: false", {"suppressions": True}),
        ("ignored: DL3006", {"ignore": ("DL3006",)}),
        ("failure-threshold: never", {"fail-on": "never"}),
        ("", {}),
    ],
)
def test_single_settings(text: str, expected: dict[str, object]) -> None:
    layer = of(text)
    assert values(layer) == expected
    assert layer.warnings == ()


@pytest.mark.parametrize(
    ("text", "expected", "warning"),
    [
        ("ignore: [DL3006]", {}, "1:1: there is no setting 'ignore' in hadolint's file"),
        ("ignored: [DL3006, oops]", {"ignore": ("DL3006",)}, "1:19: no rule is called 'oops'"),
        (
            "override: {fatal: [DL3006]}",
            {"severity": {}},
            "1:12: 'fatal' is no level: there are style, info, warning, error",
        ),
        ("format: junit", {}, "1:9: there is no format 'junit': there are text, json, sarif"),
        (
            "failure-threshold: none",
            {"fail-on": "style"},
            "1:20: 'none' makes every finding fail, as 'style' does: say that",
        ),
    ],
)
def test_what_has_no_equal_is_passed_over_with_a_warning(text: str, expected: dict[str, object], warning: str) -> None:
    layer = of(text)
    assert values(layer) == expected
    assert [str(problem) for problem in layer.warnings] == [f".hadolint.yaml:{warning}"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("ignored: {a: b}", "1:10: expected a list of texts, found a table"),
        ("override: [DL3006]", "1:11: expected a table of levels and codes"),
        ("no-fail: 3", "1:10: expected true or false, found '3'"),
        ("failure-threshold: fatal", "1:20: expected one of error, warning, info, style, never, found 'fatal'"),
    ],
)
def test_wrong_types_are_errors(text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        of(text)
    assert problems(caught.value) == [f".hadolint.yaml:{problem}"]


def test_variables_set_the_same() -> None:
    layer = layer_of_hadolint_environment(
        {
            "HADOLINT_IGNORE": "DL3006, SC2086",
            "HADOLINT_FAILURE_THRESHOLD": "error",
            "HADOLINT_OVERRIDE_WARNING": "DL3026",
            "HADOLINT_OVERRIDE_STYLE": "DL3007,DL3026",
            "HADOLINT_REQUIRE_LABELS": "maintainer:text,home:url",
            "HADOLINT_TRUSTED_REGISTRIES": "docker.io",
            "HADOLINT_NOFAIL": "true",
            "HADOLINT_UNKNOWN": "x",
            "PATH": "/bin",
        },
        REGISTRY,
    )
    assert values(layer) == {
        "ignore": ("DL3006", "SC2086"),
        "fail-on": "error",
        "severity": {"DL3026": Severity.WARNING, "DL3007": Severity.STYLE},
        "label-schema": {"maintainer": "text", "home": "url"},
        "trusted-registries": ("docker.io",),
        "no-fail": True,
    }
    assert str(layer.settings["ignore"].place) == "$HADOLINT_IGNORE"
    assert Configuration((layer,)).value(keys.NO_FAIL) is True
