"""From files, variables and options to the settings of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlint.config.document import ConfigError
from dockerlint.config.effective import Effective, SettingsSource, names_no_rules
from dockerlint.config.layers import Layer, layer_of_file, layer_of_options
from dockerlint.config.show import show
from dockerlint.config.yaml_file import parse_yaml
from dockerlint.finding import Severity
from dockerlint.semantics.options import BuildOptions
from tests.config.sample import REGISTRY, problems


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "sub").mkdir()
    return tmp_path


def options(**words: str) -> Layer:
    texts = {name.replace("_", "-"): (f"--{name}", [text]) for name, text in words.items()}
    return layer_of_options(texts, REGISTRY)


def effective(
    folder: str = "", given: Layer | None = None, environment: dict[str, str] | None = None, config: str | None = None
) -> Effective:
    variables = {"XDG_CONFIG_HOME": "/nonexistent"} | (environment or {})
    return SettingsSource(REGISTRY, given or Layer(), variables, config=config).for_folder(folder)


def codes(found: Effective) -> set[str]:
    return {active.rule.code for active in found.settings.rules}


@pytest.mark.usefixtures("work")
def test_defaults() -> None:
    settings = effective().settings
    assert settings.fail_on is Severity.WARNING
    assert settings.build == BuildOptions()
    assert settings.suppressions
    assert settings.per_file_ignores == ()


def test_the_command_line_comes_before_variables_and_these_before_files(work: Path) -> None:
    (work / ".dlint.yaml").write_text("select: [DL3006]\nfail-on: style\ntarget: file\n")
    assert codes(effective()) == {"DL1000", "DL1002", "DL3006"}
    variables = {"DLINT_SELECT": "DL3007", "DLINT_FAIL_ON": "info"}
    found = effective(environment=variables)
    assert codes(found) == {"DL1000", "DL1002", "DL3007"}
    found = effective(given=options(select="DL3026"), environment=variables)
    assert codes(found) == {"DL1000", "DL1002", "DL3026"}
    assert found.settings.fail_on is Severity.INFO
    assert found.settings.build.target == "file"


@pytest.mark.parametrize(
    ("text", "fail_on"),
    [
        ("profile: strict", Severity.WARNING),
        ("profile: hadolint", Severity.INFO),
        ("{profile: hadolint, fail-on: error}", Severity.ERROR),
        ("fail-on: never", None),
        ("fail-on: style", Severity.STYLE),
    ],
)
def test_the_threshold_depends_on_the_profile(work: Path, text: str, fail_on: Severity | None) -> None:
    (work / ".dlint.yaml").write_text(text)
    assert effective().settings.fail_on is fail_on


def test_variables_of_hadolint_count_in_its_profile_only(work: Path) -> None:
    (work / ".dlint.yaml").write_text("ignore: [DL3007]\n")
    variables = {"HADOLINT_IGNORE": "DL3006", "HADOLINT_FAILURE_THRESHOLD": "error"}
    found = effective(environment=variables)
    assert "DL3006" in codes(found)
    found = effective(given=options(profile="hadolint"), environment=variables)
    assert "DL3006" not in codes(found)
    assert "DL3007" in codes(found)
    assert found.settings.fail_on is Severity.ERROR
    found = effective(given=options(profile="hadolint"), environment=variables | {"DLINT_FAIL_ON": "style"})
    assert found.settings.fail_on is Severity.STYLE


def test_inputs_of_the_build(work: Path) -> None:
    (work / "sub" / ".dlint.yaml").write_text(
        "build-args: {A: 1}\ntarget: x\nplatform: linux/arm64\nnamed-contexts: [n]\ncontext: ..\n"
    )
    build = effective("sub", given=options(build_args="B=2")).settings.build
    assert build == BuildOptions(
        build_args={"A": "1", "B": "2"},
        target="x",
        platform="linux/arm64",
        named_contexts={"n": ""},
        context=".",
    )


def test_patterns_of_files_are_relative_to_the_settings_file(work: Path) -> None:
    text = "per-file-ignores:\n  'tests/**': [DL3006]\n  '*.docker': [DS-0001]\n  '/Dockerfile': [DL3007]\n"
    (work / ".dlint.yaml").write_text(text)
    assert effective("sub").settings.per_file_ignores == (
        ("tests/**", frozenset({"DL3006"})),
        ("*.docker", frozenset({"DL3006", "DL3007"})),
        ("/Dockerfile", frozenset({"DL3007"})),
    )
    (work / "s[u]b").mkdir()
    (work / "s[u]b" / ".dlint.yaml").write_text(text)
    assert [pattern for pattern, _ in effective("s[u]b").settings.per_file_ignores] == [
        "/s\\[u]b/tests/**",
        "*.docker",
        "/s\\[u]b/Dockerfile",
    ]


def test_a_named_file_replaces_the_search(work: Path) -> None:
    (work / ".dlint.yaml").write_text("select: [DL3006]\n")
    (work / "other.yaml").write_text("select: [DL3007]\n")
    assert codes(effective(config="other.yaml")) == {"DL1000", "DL1002", "DL3007"}
    assert codes(effective(environment={"DLINT_CONFIG": "other.yaml"})) == {"DL1000", "DL1002", "DL3007"}
    assert "DL3026" in codes(effective(environment={"DLINT_NO_CONFIG": "1"}))
    source = SettingsSource(REGISTRY, Layer(), {"DLINT_CONFIG": "other.yaml"}, discover=False)
    assert source.for_folder("sub").file is None


def test_rules_can_be_named_only_by_files_and_variables(work: Path) -> None:
    def needless(folder: str = "sub", config: str | None = None, *, discover: bool = True, **variables: str) -> bool:
        variables = {"XDG_CONFIG_HOME": str(work / "none"), **variables}
        return names_no_rules(folder, variables, config=config, discover=discover)

    assert needless()
    assert needless(HOME="/root", DLINT_NO_CONFIG="1", DLINT_DEBIAN_MIRROR="http://x")
    assert not needless(DLINT_SELECT="DL3006")
    assert not needless(DLINT_SELCT="DL3006")
    assert not needless(DLINT_CONFIG="other.yaml")
    assert not needless(config="other.yaml", discover=False)
    (work / ".dlint.yaml").write_text("select: [DL3006]\n")
    assert not needless()
    assert needless(discover=False)
    assert needless(DLINT_NO_CONFIG="1")


def test_each_folder_has_the_settings_of_its_own_file(work: Path) -> None:
    (work / ".dlint.yaml").write_text("fail-on: error\n")
    (work / "sub" / ".dlint.yaml").write_text("fail-on: style\n")
    (work / "other").mkdir()
    source = SettingsSource(REGISTRY, Layer(), {})
    assert source.for_folder("").settings.fail_on is Severity.ERROR
    assert source.for_folder("sub").settings.fail_on is Severity.STYLE
    assert source.for_folder("other") is source.for_folder("")


def test_wrong_variables_are_found_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        SettingsSource(REGISTRY, Layer(), {"DLINT_PROFILE": "none"})
    assert problems(caught.value) == [
        "$DLINT_PROFILE: expected one of recommended, strict, all, hadolint, found 'none'"
    ]


def test_what_is_shown_tells_where_it_comes_from(work: Path) -> None:
    (work / ".dlint.yaml").write_text("ignore: [DL3007]\nrules:\n  DL6001: {limit: 3}\nbuild-args: {A: 'x y'}\n")
    lines = show(effective(given=options(target="null", build_args="B=1")), REGISTRY).splitlines()
    assert lines[0] == "# settings file .dlint.yaml; 7 of 11 rules run"
    assert "# profile: recommended                   # default" in lines
    assert "# fail-on: warning                       # default" in lines
    assert "ignore: [DL3007]                         # .dlint.yaml:1:1" in lines
    assert 'target: "null"                           # --target' in lines
    assert lines[lines.index("rules:                                   # .dlint.yaml:2:1") + 1 :][:2] == [
        "  DL6001:",
        "    limit: 3",
    ]
    at = lines.index("build-args:                              # --build_args, .dlint.yaml:4:1")
    assert lines[at + 1 : at + 3] == ['  A: "x y"', '  B: "1"']
    assert "# trusted-registries: []                 # default" in lines


@pytest.mark.parametrize(
    "text",
    [
        "",
        "profile: hadolint\n",
        "select: ['DL3*']\nseverity: {DL3006: off, DL3007: error}\nfail-on: never\n",
        "rules: {DL6001: {limit: 3, quiet: true, command: 'on'}}\nbuild-args: {'A B': \"x: 'y'\\n\", B: 'null'}\n",
        "exclude: ['*.x', '!y', 'é/**']\nnamed-contexts: [b, a]\nlabel-schema: {a.b: url}\nno-fail: true\n",
    ],
)
def test_what_is_shown_sets_the_same_when_it_is_read(work: Path, text: str) -> None:
    (work / ".dlint.yaml").write_text(text)
    first = effective()
    shown = show(first, REGISTRY)
    layer = layer_of_file(parse_yaml(shown, "shown"), REGISTRY, "")
    assert first.file is not None
    values = {name: setting.value for name, setting in first.file.layer.settings.items() if name != "rules"}
    assert {name: setting.value for name, setting in layer.settings.items() if name != "rules"} == values
    (work / ".dlint.yaml").write_text(shown)
    assert effective().settings == first.settings
