"""Rights of other users to become root in the image."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.finding import Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.stages import Stage
from dockerlint.shell.managers import Action
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint_rules._build_tools import package_name
from dockerlint_rules._runs import Placed, is_shipped, package_steps, sequences
from dockerlint_rules._written import Line, written

_SUDOERS = ("/etc/sudoers", "/usr/local/etc/sudoers", "/etc/doas.conf", "/etc/doas.d")
#: What follows NOPASSWD: all commands, or some of them.
_WITHOUT_PASSWORD = re.compile(r"[^#]*\bNOPASSWD[ \t]*:(?P<commands>.*)", re.DOTALL)
_ALL = re.compile(r"(?:[ \t]*[A-Z]+:)*[ \t]*ALL\b")
_DOAS = re.compile(r"[ \t]*permit\b.*\bnopass\b.*")


class _Installed(NamedTuple):
    package: str
    span: Span


@rule(
    "DL7013",
    "passwordless-sudo",
    on=Stage,
    severity=Severity.WARNING,
    tags=("security", "users"),
)
def passwordless_sudo(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    r"""A user of the image may become root without a password.

    ## Why
    A container that runs as another user than root limits what somebody can do who takes over its process. With
    `NOPASSWD: ALL` that process is root again with one command, so that the USER protects nobody. What needs root at
    build time runs above the USER, what needs it at the start runs there before `gosu`, `setpriv` or `su-exec` gives it
    up.

    It is an info where only some commands are allowed, where a file installs sudo without such a line, and in a stage
    that does not become part of the image. An installation that is removed again is not reported.

    ## Bad
        FROM debian:12-slim
        RUN useradd --uid 10001 app \
         && echo 'app ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/app
        USER 10001

    ## Good
        FROM debian:12-slim
        RUN useradd --uid 10001 app
        USER 10001

    ## See
    - https://www.sudo.ws/docs/man/sudoers.man/
    - https://docs.docker.com/build/building/best-practices/#user
    """
    shipped = is_shipped(ctx)
    remedy = "do what needs root above the USER"
    for sequence in sequences(stage, ctx):
        found = False
        installed: dict[str, _Installed] = {}
        for placed in sequence:
            for line in _open_lines(placed, ctx):
                found = True
                match = _WITHOUT_PASSWORD.fullmatch(line.text)
                is_limited = match is not None and _ALL.match(match["commands"]) is None
                word = "NOPASSWD" if match is not None else "nopass"
                message = f"{quoted(line.text.strip())} lets a user become root without a password: {remedy}"
                yield ctx.finding(
                    line.place(word), message, lower_to=Severity.INFO if is_limited or not shipped else None
                )
            _follow(placed, installed, ctx)
        for package in installed.values() if shipped and not found else ():
            message = f"{quoted(package.package)} stays in the image, and lets users become root: {remedy}"
            yield ctx.finding(package.span, message, lower_to=Severity.INFO)


def _open_lines(placed: Placed, ctx: RuleContext) -> Iterator[Line]:
    """The lines that an instruction writes into the settings of sudo or doas and that ask for no password."""
    for text in written(placed, ctx):
        if text.path.startswith(_SUDOERS):
            for line in text.lines:
                if _WITHOUT_PASSWORD.fullmatch(line.text) or _DOAS.fullmatch(line.text):
                    yield line


def _follow(placed: Placed, installed: dict[str, _Installed], ctx: RuleContext) -> None:
    """Take into account what a RUN does with the packages sudo and doas."""
    for step in package_steps(placed, ctx):
        for word in step.action.packages:
            name = package_name(word.text or "")
            if name not in ("sudo", "doas"):
                continue
            if step.action.action is Action.INSTALL:
                installed.setdefault(name, _Installed(name, word.span))
            elif step.action.action is Action.REMOVE:
                installed.pop(name, None)
