"""Reports made by hand, for the tests of all formats."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dockerlint.finding import Confidence, Edit, Finding, Fix, Related, Safety, Severity
from dockerlint.results import FileResult, Report
from dockerlint.rule import Rule, RuleContext
from dockerlint.semantics.model import Model
from dockerlint.source import Source, Span
from tests.shared import REPOSITORY

FIXTURES = REPOSITORY / "tests" / "fixtures" / "report"

MANUAL = """{summary}

## Why
The reason, in `code` and words.

It has two paragraphs.

## Bad
    FROM debian

## Good
    FROM debian:12-slim

## See
https://docs.docker.com/reference/dockerfile/#from
"""


def nothing(_model: Model, _ctx: RuleContext) -> Iterator[Finding]:
    return iter(())


def make(code: str, name: str, severity: Severity, *tags: str, confidence: Confidence = Confidence.HIGH) -> Rule:
    summary = f"What {name.replace('-', ' ')} is about."
    aliases = ("CKV_DOCKER_7", "DS-0001") if code == "DL3006" else ()
    manual = MANUAL.format(summary=summary)
    return Rule(code, name, (Model,), nothing, manual, severity, confidence=confidence, aliases=aliases, tags=tags)


RULES = {
    rule.code: rule
    for rule in (
        make("DL1002", "unknown-instruction", Severity.ERROR, "syntax"),
        make("DL3006", "unpinned-base-image", Severity.WARNING, "base-image"),
        make("DL3009", "package-lists-kept", Severity.INFO, "size", confidence=Confidence.MEDIUM),
        make("DL5005", "duplicate-stage-name", Severity.ERROR, "stages"),
        make("DL7001", "secret-in-arg", Severity.WARNING, "secrets", "security", confidence=Confidence.LOW),
        make("DL8021", "unsorted-packages", Severity.STYLE, "maintainability"),
    )
}


class Sample:
    """A file under construction: findings are placed by the text that they are about."""

    def __init__(self, path: str, text: str) -> None:
        self.source = Source(path, text)
        self.findings: list[Finding] = []

    def span(self, text: str, occurrence: int = 0) -> Span:
        start = -1
        for _ in range(occurrence + 1):
            start = self.source.text.index(text, start + 1)
        return Span(start, start + len(text))

    def add(
        self,
        code: str,
        span: Span,
        message: str,
        related: tuple[Related, ...] = (),
        fix: Fix | None = None,
        *,
        fatal: bool = False,
    ) -> None:
        rule = RULES[code] if code in RULES else make(code, code, Severity.WARNING)
        self.findings.append(Finding(code, span, message, rule.severity, rule.confidence, related, fix, fatal))

    def result(self) -> FileResult:
        return FileResult(self.source, tuple(sorted(self.findings, key=lambda each: (each.span, each.code))))


def web() -> FileResult:
    """A file with the usual findings."""
    sample = Sample("services/web/Dockerfile", (FIXTURES / "web.Dockerfile").read_text(encoding="utf-8"))
    image = sample.span("debian")
    fix = Fix("pin the version", Safety.UNSAFE, (Edit(Span(image.end, image.end), ":12-slim"),))
    sample.add("DL3006", image, "base image 'debian' has no tag: write 'debian:TAG', or pin a digest", fix=fix)
    sample.add("DL7001", sample.span("API_TOKEN"), "ARG 'API_TOKEN' keeps a secret in the history: use a secret mount")
    sample.add(
        "DL3009",
        sample.span("apt-get update \\\n && apt-get install -y \\\n      curl \\\n      ca-certificates"),
        "package lists stay in the layer: remove '/var/lib/apt/lists/*' in the same RUN",
    )
    packages = sample.span("curl \\\n      ca-certificates")
    edits = (Edit(sample.span("curl"), "ca-certificates"), Edit(sample.span("ca-certificates"), "curl"))
    sample.add("DL8021", packages, "packages are not in order", fix=Fix("sort the packages", Safety.SAFE, edits))
    first = Related(sample.span("AS build"), "first used here")
    sample.add("DL5005", sample.span("build", 1), "stage name 'build' is used twice: rename one", (first,))
    sample.add("DL1002", sample.span("COYP"), "unknown instruction 'COYP': did you mean 'COPY'?", fatal=True)
    sample.add("SC2086", sample.span("$HOME"), "Double quote to prevent globbing and word splitting.")
    return sample.result()


def odd() -> FileResult:
    """A file full of what terminals must not see, and of what makes columns hard to count."""
    text = (
        "FROM\tdebian\t# tabs\n"
        "LABEL 日本語=\"äöü\" x='👩‍🚀e\u0301'\n"
        "ENV A=\x1b[31mred\x1b[0m\x07 B=\u202eevil\u2066 C=\udcff\x00\n"
        "RUN echo [bold]not markup[/bold] [link=file:///etc/passwd]x[/link]\r\n"
        f"ENV LONG={'x' * 400} TARGET={'y' * 5} {'日' * 200} END\n"
        "\n"
    )
    sample = Sample("odd/[red]Docker\x1bfile", text)
    sample.add("DL3006", sample.span("debian"), "message with \x1b[1mescapes\x1b[0m, \u202ebidi and \udcff bytes")
    sample.add("DL3006", sample.span("# tabs"), "after two tabs")
    sample.add("DL3006", sample.span('"äöü"'), "behind wide characters")
    sample.add("DL3006", sample.span("e\u0301"), "a combining character")
    sample.add("DL3006", sample.span("\x07"), "a bell")
    sample.add("DL3006", sample.span("C=\udcff\x00"), "what cannot be decoded")
    sample.add("DL3006", sample.span("[bold]not markup[/bold]"), "[red]no markup[/red]")
    sample.add("DL3006", sample.span("TARGET"), "in the middle of a long line")
    sample.add("DL3006", sample.span("END"), "at the end of a long line")
    sample.add("DL3006", sample.span("LONG"), "at the start of a long line")
    sample.add("DL3006", Span(sample.span("ENV LONG").start, len(text)), "to the end of the file")
    sample.add("DL3006", Span(len(text), len(text)), "at the end of the file")
    return sample.result()


def whole() -> Report:
    """Several files: with findings, clean, unreadable, and with findings that a comment hides."""
    clean = FileResult(Source("clean/Dockerfile", "FROM debian:12-slim\n"))
    hidden = Sample("hidden/Dockerfile", "# dlint ignore=DL3006\nFROM debian\n")
    hidden.add("DL3006", hidden.span("debian"), "base image 'debian' has no tag: write 'debian:TAG', or pin a digest")
    missing = FileResult(Source("missing/Dockerfile", ""), error="cannot be read: no such file")
    result = hidden.result()
    hidden_result = FileResult(result.source, (), result.findings)
    return Report((clean, hidden_result, missing, web()), RULES)


def expected(name: str) -> str:
    """The text of a golden file."""
    return Path(FIXTURES / name).read_text(encoding="utf-8")
