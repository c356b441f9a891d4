"""Findings that are right about a shell script, and wrong about what is meant: ShellCheck cannot know it, dlint can."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from dockerlint.finding import Finding
from dockerlint.shell.known_managers import manager_by_name
from dockerlint.shell.script import Script
from dockerlint.source import JoinedText, Span

_UNQUOTED_VARIABLE = "SC2086"
_UNQUOTED_COMMAND = "SC2046"

#: Commands that write one word, which needs no quotes.
_ONE_WORD = frozenset(
    {
        ("apk", "--print-arch"),
        ("arch",),
        ("dpkg", "--print-architecture"),
        ("getconf", "_NPROCESSORS_ONLN"),
        ("id", "-g"),
        ("id", "-u"),
        ("lsb_release", "--codename", "--short"),
        ("lsb_release", "-cs"),
        ("lsb_release", "-sc"),
        ("nproc",),
        ("nproc", "--all"),
        ("uname", "-m"),
        ("uname", "-r"),
        ("uname", "-s"),
    }
)

#: Programs that take lists of packages, besides package managers.
_TAKE_PACKAGES = frozenset({"apt-mark", "docker-php-ext-install", "docker-php-ext-enable", "pecl"})

#: What template engines fill in before a file is a Dockerfile.
_TEMPLATE_MARKS = ("{{", "{%", "<%")


class Sorted(NamedTuple):
    """Findings in two kinds: those to report, and those that are exempt."""

    kept: list[Finding]
    exempt: list[Finding]


def sort_out(findings: Iterable[Finding], joined: JoinedText, source_text: str, script: Callable[[], Script]) -> Sorted:
    """Sort the findings about one script. `script` reads it; that is asked only where it matters."""
    sorted_out = Sorted([], [])
    lists: frozenset[Span] | None = None
    template = any(mark in joined.text for mark in _TEMPLATE_MARKS)
    for finding in findings:
        exempt = False
        if finding.code == _UNQUOTED_VARIABLE:
            if lists is None:
                lists = _package_lists(script())
            exempt = finding.span in lists
        elif finding.code == _UNQUOTED_COMMAND:
            exempt = _substituted(source_text[finding.span.start : finding.span.end]) in _ONE_WORD
        elif finding.code.startswith("SC1"):
            exempt = template
        (sorted_out.exempt if exempt else sorted_out.kept).append(finding)
    return sorted_out


def _package_lists(script: Script) -> frozenset[Span]:
    """The words that are nothing but a variable, among the arguments of package managers: lists of packages."""
    known = manager_by_name()
    return frozenset(
        word.span
        for command in script.commands
        if command.name in known or command.name in _TAKE_PACKAGES
        for word in command.arguments
        if word.text is None and len(word.parts) == 1
    )


def _substituted(text: str) -> tuple[str, ...]:
    """The words of the command in `$(…)` or backticks; empty for anything else."""
    if text.startswith("$(") and text.endswith(")"):
        return tuple(text[2:-1].split())
    return tuple(text[1:-1].split()) if text.startswith("`") and text.endswith("`") else ()
