"""Lints small Dockerfiles for the tests of rules: the examples in manuals and the files in `tests/fixtures/rules`.

A `Case` is a Dockerfile with what it is linted with besides. A fixture says that in its first lines:

    # options: {"trusted-registries": ["ghcr.io"]}    options of the rule, by name
    # build: {"target": "app"}                        fields of `BuildOptions`
    # files: ["Dockerfile", ".git/HEAD"]              empty files of the build context
    # files: {".dockerignore": "*.log\\n"}             files of the build context, with their text
    # profile: "hadolint"                             the profile that the rule runs in, if not the recommended one
    # line length: 65536                              bytes of each line with an ellipsis, which is filled with letters

A manual says it in lines before an example:

    Options: trusted-registries = ["ghcr.io"]
    Files: ["Dockerfile", ".git/HEAD"]
    Line length: 65536

In an example `␍` is a carriage return, `␠` a blank, and `␄` the end of a file without a line end. Values are JSON.
Without a line for files nothing is known of the build context.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from dockerlint.engine import Engine
from dockerlint.finding import Finding, Fix
from dockerlint.registry import load
from dockerlint.rule import Rule
from dockerlint.semantics.options import BuildOptions
from dockerlint.settings import ActiveRule, Settings
from dockerlint.source import Source
from tests.shared import REPOSITORY

FIXTURES = REPOSITORY / "tests" / "fixtures" / "rules"

_HEADER = re.compile(r"# (options|build|files|profile|line length): (.*)\n")
_EXAMPLE_LINE = re.compile(r"(?:Options: (?P<option>[a-z0-9-]+) = |(?P<what>Files|Line length): )(?P<value>.*)")


@dataclass(frozen=True)
class Case:
    """A Dockerfile and what it is linted with.

    `header` counts the lines that a fixture has before `text`; `line_length` is the length of lines with an ellipsis.
    """

    text: str
    options: Mapping[str, object] = field(default_factory=dict)
    build: Mapping[str, object] = field(default_factory=dict)
    files: Mapping[str, str] | None = None
    profile: str = ""
    header: int = 0
    line_length: int = 0

    @property
    def full_text(self) -> str:
        """The text that is linted."""
        if not self.line_length:
            return self.text
        return "\n".join(_stretched(line, self.line_length) for line in self.text.split("\n"))


def read_fixture(path: Path) -> Case:
    """The case in a fixture. The lines that are meant for the tests are taken out, so directives may follow them."""
    text = path.read_bytes().decode("utf-8")
    values: dict[str, object] = {}
    lines = 0
    while (match := _HEADER.match(text)) is not None:
        values[match[1]] = json.loads(match[2])
        text = text[match.end() :]
        lines += 1
    case = Case(text, header=lines)
    if "options" in values:
        case = replace(case, options=_mapping(values["options"]))
    if "build" in values:
        case = replace(case, build=_mapping(values["build"]))
    if "profile" in values:
        case = replace(case, profile=str(values["profile"]))
    if "files" in values:
        case = replace(case, files=_files(values["files"]))
    return replace(case, line_length=_number(values["line length"])) if "line length" in values else case


def sections(manual: str) -> list[tuple[str, str]]:
    """The titles and bodies of a manual's sections, in order."""
    parts = re.split(r"^## (.+)$", manual, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def examples(body: str) -> Iterator[Case]:
    """The examples in a section: lines indented by four blanks. Text parts two examples, empty lines do not."""
    case = Case("")
    for line in [*body.split("\n"), "end"]:
        if line.startswith("    ") or not line.strip():
            case = replace(case, text=f"{case.text}{line[4:]}\n")
            continue
        if case.text.strip():
            yield replace(case, text=_with_signs(case.text.strip("\n") + "\n"))
            case = Case("")
        case = replace(case, text="")
        match = _EXAMPLE_LINE.fullmatch(line)
        if match is None:
            continue
        value = json.loads(match["value"])
        if match["what"] == "Files":
            case = replace(case, files=_files(value))
        elif match["what"] == "Line length":
            case = replace(case, line_length=_number(value))
        else:
            case = replace(case, options={**case.options, match["option"]: value})


def _with_signs(text: str) -> str:
    return text.replace("␍", "\r").replace("␠", " ").replace("␄\n", "")


def lint(case: Case, code: str, context: Path) -> tuple[Source, tuple[Finding, ...]]:
    """The findings of one rule in a case, in file order; all others run beside it, each at its own level.

    `context` is an empty folder for the files of the case.
    """
    judged = next(rule for rule in load().rules if rule.code == code)
    values = _option_values(judged, case.options)
    as_hadolint = case.profile == "hadolint"
    rules = tuple(
        ActiveRule(rule, (as_hadolint and rule.hadolint) or rule.severity, values=values if rule is judged else {})
        for rule in load().rules
    )
    source = Source("Dockerfile", case.full_text)
    settings = Settings(rules, build=_build_options(case, context), as_hadolint=as_hadolint)
    result = Engine(settings).lint(source)
    assert code not in (result.error or ""), result.error
    return source, tuple(finding for finding in result.findings if finding.code == code)


def shown(source: Source, findings: Iterable[Finding], header: int = 0) -> str:
    """The findings as `.out` files have them: `LINE:COLUMN-ENDLINE:ENDCOLUMN SEVERITY CODE message`, one in a line.

    Lines and columns count from 1; the end is the place after the last character. `header` is added to the lines.
    """
    rows = []
    for finding in findings:
        start, end = source.lines.position(finding.span.start), source.lines.position(finding.span.end)
        place = f"{start.line + header}:{start.column}-{end.line + header}:{end.column}"
        rows.append(f"{place} {finding.severity.label} {finding.code} {finding.message}\n")
    return "".join(rows)


def apply(text: str, fixes: Iterable[Fix]) -> str:
    """The text after all edits of the fixes; each edit is applied once, also where several fixes have it."""
    edits = {edit for fix in fixes for edit in fix.edits}
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def _option_values(rule: Rule, options: Mapping[str, object]) -> dict[str, object]:
    names = {option.name for option in rule.options}
    assert options.keys() <= names, f"{rule.code} has no option {sorted(options.keys() - names)}"
    return {name: tuple(value) if isinstance(value, list) else value for name, value in options.items()}


def _build_options(case: Case, context: Path) -> BuildOptions:
    values = dict(case.build)
    if "named_contexts" in values:
        values["named_contexts"] = dict.fromkeys(_texts(values["named_contexts"]), "")
    if case.files is not None:
        for name, text in case.files.items():
            place = context / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        values["context"] = str(context)
    return BuildOptions(**values)  # type: ignore[arg-type]  # a fixture with a value of the wrong type fails where it is used


def _stretched(line: str, length: int) -> str:
    return line.replace("…", "A" * (length - len(line.replace("…", "").encode())))


def _number(value: object) -> int:
    assert isinstance(value, int)
    return value


def _mapping(value: object) -> dict[str, object]:
    assert isinstance(value, dict)
    return value


def _texts(value: object) -> list[str]:
    assert isinstance(value, list)
    return value


def _files(value: object) -> dict[str, str]:
    if isinstance(value, list):
        return dict.fromkeys(value, "")
    return {name: str(text) for name, text in _mapping(value).items()}
