"""Values of settings: from files, variables and options, and what they say together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.config import keys
from dockerlint.config.document import ConfigError, Place
from dockerlint.config.kinds import Glob
from dockerlint.config.layers import Configuration, Layer, layer_of_environment, layer_of_file, layer_of_options
from dockerlint.config.toml_file import parse_toml
from dockerlint.config.yaml_file import parse_yaml
from dockerlint.finding import Severity
from dockerlint.settings import ShellcheckUse
from tests.config.sample import EVERYTHING, MISTAKES, REGISTRY, problems


def of_yaml(text: str, folder: str = "") -> Layer:
    return layer_of_file(parse_yaml(text, ".dlint.yaml"), REGISTRY, folder)


def of_toml(text: str) -> Layer:
    table = parse_toml(text, "pyproject.toml", ("tool", "dlint"))
    assert table is not None
    return layer_of_file(table, REGISTRY, "")


def test_a_file_may_set_everything() -> None:
    configuration = Configuration((of_yaml(EVERYTHING, "sub"),))
    value = configuration.value
    assert value(keys.SELECT) == ("DL3006", "unpinned-base-image", "CKV_DOCKER_7", "DL60*", "all")
    assert value(keys.IGNORE) == ("DL3007",)
    assert value(keys.EXTEND_SELECT) == ()
    assert value(keys.SEVERITY) == {"DL3006": Severity.OFF, "DL3007": Severity.ERROR}
    assert value(keys.PER_FILE_IGNORES) == {Glob("sub", "tests/**"): ("DL3006",)}
    assert value(keys.FAIL_ON) == "never"
    assert value(keys.NO_FAIL) is True
    assert value(keys.PROFILE) == "strict"
    assert value(keys.FORMAT) == ("text", "sarif:sub/out/report.sarif")
    assert value(keys.OUTPUT) == "sub/report.txt"
    assert value(keys.COLOR) == "never"
    assert value(keys.INCLUDE) == (Glob("sub", "*.docker"),)
    assert value(keys.EXCLUDE) == (Glob("sub", "vendor/"),)
    assert value(keys.RESPECT_GITIGNORE) is False
    assert value(keys.CONTEXT) == "."
    assert value(keys.TARGET) == "3"
    assert value(keys.BUILD_ARGS) == {"VERSION": "1.10", "EMPTY": ""}
    assert value(keys.PLATFORM) == "linux/arm/v7"
    assert value(keys.NAMED_CONTEXTS).keys() == {"base", "other"}
    assert value(keys.SUPPRESSIONS) is False
    assert value(keys.SHELLCHECK) is ShellcheckUse.ON
    assert value(keys.PRICES) is True
    assert {name: setting.value for name, setting in value(keys.RULES).items()} == {
        ("DL6001", "limit"): 3,
        ("DL6001", "quiet"): True,
        ("DL6001", "command"): "on",
    }
    of_rules = keys.all_keys(REGISTRY)
    assert value(of_rules["trusted-registries"]) == ("docker.io",)
    assert value(of_rules["label-schema"]) == {"maintainer": "text"}
    assert value(of_rules["strict-labels"]) is True
    # Without a word about a key that exists, this test would not show that the key can be set.
    assert set(of_yaml(EVERYTHING).settings) == set(of_rules) - {"extend-ignore"}


def test_numbers_may_have_a_fraction_where_the_default_has_one() -> None:
    rules = {name: setting.value for name, setting in of_yaml("rules: {DL6001: {share: 0.25}}").settings.items()}
    values = rules["rules"]
    assert isinstance(values, dict)
    assert values["DL6001", "share"].value == 0.25
    layer = of_toml("[tool.dlint]\nrules.DL6001.share = 1\n")
    assert repr(Configuration((layer,)).value(keys.RULES)["DL6001", "share"].value) == "1.0"


def test_toml_sets_the_same() -> None:
    layer = of_toml(
        """
        [tool.dlint]
        select = ["DL3006"]
        severity = { DL3006 = "off" }
        no-fail = true
        build-args.VERSION = "1.10"
        rules.too-many-layers.limit = 3
        """
    )
    value = Configuration((layer,)).value
    assert value(keys.SELECT) == ("DL3006",)
    assert value(keys.SEVERITY) == {"DL3006": Severity.OFF}
    assert value(keys.NO_FAIL) is True
    assert value(keys.BUILD_ARGS) == {"VERSION": "1.10"}
    assert value(keys.RULES)["DL6001", "limit"].value == 3


@pytest.mark.parametrize(("text", "expected"), MISTAKES)
def test_every_mistake_in_a_file_has_its_line_and_column(text: str, expected: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        of_yaml(text)
    assert problems(caught.value) == [f".dlint.yaml:{line}" for line in expected]


def test_an_unknown_key_far_from_all_others_is_answered_with_all() -> None:
    with pytest.raises(ConfigError, match=r"1:1: there is no setting 'xyz' \(there are profile, select, .*\)"):
        of_yaml("xyz: 1\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("target = 3", "3:1: expected a text in quotes, found '3'"),
        ("build-args = { A = 1.10 }", "3:1: expected a text in quotes, found '1.1'"),
        ("severity.DL3006 = false", "3:1: expected one of error, warning, info, style, off in quotes, found 'False'"),
        ("selct.x = 1", "3:1: there is no setting 'selct': did you mean 'select'?"),
        ('select = ["DL3006",\n  "x"]', "3:1: no rule is called 'x' (`dlint rules` lists them)"),
    ],
)
def test_every_mistake_in_toml_has_its_line(text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        of_toml(f"[tool.dlint]\ncolor = 'never'\n{text}\n")
    assert problems(caught.value) == [f"pyproject.toml:{expected}"]


def test_variables_set_what_files_set() -> None:
    layer = layer_of_environment(
        {
            "DLINT_SELECT": "DL3006, DL3007",
            "DLINT_IGNORE": "",
            "DLINT_SEVERITY": "DL3006=error,DL3007=off",
            "DLINT_BUILD_ARGS": "A=1,2\nB=x=y",
            "DLINT_NO_FAIL": "1",
            "DLINT_RESPECT_GITIGNORE": "no",
            "DLINT_FAIL_ON": "info",
            "DLINT_STRICT_LABELS": "true",
            "DLINT_CONFIG": "file",
            "DLINT_NO_CONFIG": "1",
            "DLINT_SHARED": "somebody else's",
            "PATH": "/bin",
        },
        REGISTRY,
    )
    value = Configuration((layer,)).value
    assert value(keys.SELECT) == ("DL3006", "DL3007")
    assert value(keys.IGNORE) == ()
    assert value(keys.SEVERITY) == {"DL3006": Severity.ERROR, "DL3007": Severity.OFF}
    assert value(keys.BUILD_ARGS) == {"A": "1,2", "B": "x=y"}
    assert value(keys.NO_FAIL) is True
    assert value(keys.RESPECT_GITIGNORE) is False
    assert value(keys.FAIL_ON) == "info"
    assert value(keys.all_keys(REGISTRY)["strict-labels"]) is True
    assert set(layer.settings) == {
        "select", "ignore", "severity", "build-args", "no-fail", "respect-gitignore", "fail-on", "strict-labels"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"DLINT_SELECT": "DL3006,nope"}, ["$DLINT_SELECT: no rule is called 'nope' (`dlint rules` lists them)"]),
        ({"DLINT_SELCT": "DL3006"}, ["$DLINT_SELCT: there is no such variable: did you mean $DLINT_SELECT?"]),
        ({"DLINT_NO_FAIL": "maybe"}, ["$DLINT_NO_FAIL: expected true or false, found 'maybe'"]),
        (
            {"DLINT_SEVERITY": "DL3006"},
            ["$DLINT_SEVERITY: expected one of error, warning, info, style, off, found nothing"],
        ),
        ({"DLINT_COLOR": ""}, ["$DLINT_COLOR: expected one of auto, always, never, found ''"]),
    ],
)
def test_mistakes_in_variables_name_the_variable(variables: dict[str, str], expected: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        layer_of_environment(variables, REGISTRY)
    assert problems(caught.value) == expected


def test_options_may_be_repeated_and_have_commas() -> None:
    layer = layer_of_options(
        {
            "select": ("--select", ["DL3006,DL3007", "DL3026"]),
            "severity": ("--severity", ["DL3006=error", "DL3006=info"]),
            "build-args": ("--build-arg", ["A=1,2", "B="]),
            "profile": ("--profile", ["all", "strict"]),
        },
        REGISTRY,
    )
    value = Configuration((layer,)).value
    assert value(keys.SELECT) == ("DL3006", "DL3007", "DL3026")
    assert value(keys.SEVERITY) == {"DL3006": Severity.INFO}
    assert value(keys.BUILD_ARGS) == {"A": "1,2", "B": ""}
    assert value(keys.PROFILE) == "strict"


def test_mistakes_in_options_name_the_option() -> None:
    with pytest.raises(ConfigError) as caught:
        layer_of_options({"fail-on": ("--failure-threshold", ["ignore"]), "select": ("--select", ["x"])}, REGISTRY)
    threshold, select = problems(caught.value)
    assert threshold.startswith(
        "--failure-threshold: expected one of error, warning, info, style, never, found 'ignore': in"
    )
    assert select == "--select: no rule is called 'x' (`dlint rules` lists them)"


def test_higher_layers_replace_lists_and_add_to_tables() -> None:
    high = of_yaml("ignore: [DL3006]\nseverity: {DL3006: info}\nbuild-args: {A: '1'}\n")
    low = of_yaml("ignore: [DL3007]\nseverity: {DL3006: error, DL3007: error}\nbuild-args: {B: '2'}\nno-fail: true\n")
    configuration = Configuration((Layer(), high, low))
    assert configuration.value(keys.IGNORE) == ("DL3006",)
    assert configuration.value(keys.SEVERITY) == {"DL3006": Severity.INFO, "DL3007": Severity.ERROR}
    assert configuration.value(keys.BUILD_ARGS) == {"A": "1", "B": "2"}
    assert configuration.value(keys.NO_FAIL) is True
    assert configuration.value(keys.COLOR) == "auto"
    assert configuration.places(keys.NO_FAIL) == (Place(".dlint.yaml", 4, 1),)
    assert configuration.places(keys.SEVERITY) == (Place(".dlint.yaml", 2, 1), Place(".dlint.yaml", 2, 1))
    assert configuration.places(keys.COLOR) == ()


def test_absolute_paths_stay(tmp_path: Path) -> None:
    assert Configuration((of_yaml(f"context: {tmp_path}\n", "sub"),)).value(keys.CONTEXT) == str(tmp_path)


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["DL3006", "all", "off", "json:"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6) | st.just("DL6001"), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*keys.all_keys(REGISTRY), "selct"]), _VALUES, max_size=4))
def test_any_values_are_settings_or_problems_with_a_place(values: dict[str, object]) -> None:
    # JSON is YAML, apart from escapes of characters that YAML does not take.
    text = json.dumps(values, ensure_ascii=True)
    try:
        layer = of_yaml(text)
    except ConfigError as error:
        places = [problem.place for problem in error.problems]
    else:
        places = [setting.place for setting in layer.settings.values()]
        assert set(layer.settings) == set(values)
        for key in keys.STATIC_KEYS:
            Configuration((layer,)).value(key)
    assert all(place.line == 1 and 0 < place.column <= len(text) for place in places)


@pytest.mark.parametrize(
    ("word", "use"),
    [
        ("on", ShellcheckUse.ON),
        ("true", ShellcheckUse.ON),
        ("'on'", ShellcheckUse.ON),
        ("off", ShellcheckUse.OFF),
        ("no", ShellcheckUse.OFF),
        ("auto", ShellcheckUse.AUTO),
        ("Auto", ShellcheckUse.AUTO),
    ],
)
def test_yaml_has_words_of_its_own_for_on_and_off(word: str, use: ShellcheckUse) -> None:
    assert Configuration((of_yaml(f"shellcheck: {word}"),)).value(keys.SHELLCHECK) is use
