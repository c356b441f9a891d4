"""The library as programs use it."""

from __future__ import annotations

from pathlib import Path

import pytest

import dockerlint
from dockerlint.finding import Severity
from dockerlint.semantics.options import BuildOptions
from tests.shellcheck.real import program

TEXT = 'ARG TAG\nFROM debian:$TAG\nRUN true\nCMD ["true"]\n'


def test_parse_gives_a_tree_of_any_text() -> None:
    tree = dockerlint.parse("FROM debian AS\nRUN x\n")
    assert [node.name for node in tree.instructions] == ["FROM", "RUN"]
    assert [problem.code for problem in tree.problems] == ["DL1015"]


def test_lint_text_uses_the_profile() -> None:
    codes = {finding.code for finding in dockerlint.lint_text("FROM debian\n", profile="hadolint").findings}
    assert "DL3006" in codes
    assert "DL8001" not in codes, "hadolint has no rule about maintainers of images"


def test_lint_text_is_for_a_build() -> None:
    latest = dockerlint.lint_text(TEXT, build=BuildOptions(build_args={"TAG": "latest"}))
    pinned = dockerlint.lint_text(TEXT, build=BuildOptions(build_args={"TAG": "12.7"}))
    assert "DL3007" in {finding.code for finding in latest.findings}
    assert "DL3007" not in {finding.code for finding in pinned.findings}


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(ValueError, match="recommended"):
        dockerlint.lint_text("FROM debian\n", profile="lenient")


def test_lint_paths_reports_every_file(tmp_path: Path) -> None:
    good, missing = tmp_path / "Dockerfile", tmp_path / "missing"
    good.write_text("FORM debian\n")
    report = dockerlint.lint_paths([good, missing])
    assert [bool(result.error) for result in report.files] == [False, True]
    assert report.files[0].findings[0].severity is Severity.ERROR
    assert report.rules["DL1002"].name == "unknown-instruction"
    assert report.exit_code(None) == 2


def test_predict_counts_layers() -> None:
    image = dockerlint.predict(TEXT)
    assert image.layer_count == 1
    assert [entry.created_by for entry in image.history] == ["RUN /bin/sh -c true # buildkit", 'CMD ["true"]']


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'lint'"):
        _ = dockerlint.lint


def test_predict_passes_over_what_the_target_does_not_need() -> None:
    text = "FROM scratch AS broken\nSTOPSIGNAL SIGNONE\nFROM scratch\nCOPY a /\n"
    assert dockerlint.predict(text).problems == ()
    refused = dockerlint.predict(text, build=BuildOptions(target="broken")).problems
    assert [problem.code for problem in refused] == ["DL1019"]


def test_shellcheck_is_asked_on_demand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    text = "FROM debian:12\nRUN cd /x; rm $V\n"
    assert not any(finding.code.startswith("SC") for finding in dockerlint.lint_text(text).findings)
    found = {finding.code for finding in dockerlint.lint_text(text, shellcheck=True).findings}
    assert {"SC2164", "SC2086"} <= found
    path = tmp_path / "Dockerfile"
    path.write_text(text)
    report = dockerlint.lint_paths([path], shellcheck=True)
    assert "SC2164" in {finding.code for finding in report.files[0].findings}
    assert report.rules["SC2164"].name == "shellcheck"


def test_shellcheck_must_be_there_to_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dockerlint.api.find_program", lambda _: None)
    with pytest.raises(FileNotFoundError, match=r"dockerlint\[shellcheck\]"):
        dockerlint.lint_text("FROM debian:12\n", shellcheck=True)
