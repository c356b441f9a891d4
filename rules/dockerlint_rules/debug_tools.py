"""Tools for people in an image that runs a program."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.finding import Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.semantics.scripts import PACKAGE_MANAGER
from dockerlint.shell.managers import Action
from dockerlint.shell.script import Word
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import StartCommand
from dockerlint_rules._labels import image_steps
from dockerlint_rules._purpose import is_for_development
from dockerlint_rules._runs import PackageStep, Placed, package_steps
from dockerlint_rules._start import Start, StartValue, is_interactive, program_of, start_of
from dockerlint_rules._tables import names

_EDITOR = "an editor"
_DEBUGGER = "a debugger"
_TRACER = "a tracer"
_PROBE = "a tool to look at networks"
_TESTS = "a tool for tests"

_SYSTEM = {
    **dict.fromkeys(names("ed emacs emacs-nox joe micro nano neovim vim vim-enhanced vim-nox vim-tiny"), _EDITOR),
    **dict.fromkeys(names("delve gdb gdbserver lldb valgrind"), _DEBUGGER),
    **dict.fromkeys(names("bpftrace ltrace perf-tools strace sysdig systemtap"), _TRACER),
    **dict.fromkeys(
        names("hping3 inetutils-telnet iperf iperf3 mtr mtr-tiny ngrep nmap tcpdump telnet traceroute tshark"),
        _PROBE,
    ),
}
_LANGUAGE = {
    **dict.fromkeys(names("cypress jasmine jest karma mocha nose nose2 nyc pytest pytest-cov tox vitest"), _TESTS),
    **dict.fromkeys(names("debugpy ipdb pudb xdebug"), _DEBUGGER),
}
_NAME = re.compile(r"[A-Za-z0-9._+-]*[A-Za-z0-9+]")
_GROUP_OPTIONS = ("-t", "--virtual")


class _Installed(NamedTuple):
    """A tool that is installed: its name, what it is, where that stands, and the group of apk that it belongs to."""

    name: str
    what: str
    word: Word
    group: str | None


@rule(
    "DL6021",
    "debug-tools-in-final-image",
    on=Model,
    programs=(PACKAGE_MANAGER,),
    needs=(StartCommand,),
    severity=Severity.INFO,
    aliases=("CIS-DI-0003",),
    tags=("size",),
)
def debug_tools_in_final_image(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    r"""An image that runs a program holds editors, debuggers or tools for tests.

    ## Why
    Nobody edits or tests in a container that runs in production; a debug container has its own tools
    (`docker debug`, `kubectl debug`). They make the image larger and its list of flaws longer, and are what somebody
    looks for first who has got in.

    Not reported in an image without a start command of its own, or that only opens a shell, or whose stage, file or
    folder is named after development or tests, for tools that a command of the file uses, and for those that are
    removed again.

    ## Bad
        FROM debian:12-slim
        RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates vim
        CMD ["/usr/local/bin/server"]

    ## Good
        FROM debian:12-slim
        RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates
        CMD ["/usr/local/bin/server"]

    ## See
    - https://docs.docker.com/build/building/best-practices/#dont-install-unnecessary-packages
    - https://kubernetes.io/docs/tasks/debug/debug-application/debug-running-pod/
    """
    if model.target is None:
        return
    placed = [Placed(step.node, step) for step in image_steps(model, model.target)]
    if not any(isinstance(each.node, StartCommand) for each in placed):
        return
    installed: list[_Installed] = []
    for each in placed:
        for step in package_steps(each, ctx):
            if step.action.action is Action.INSTALL:
                installed += _tools(step)
            elif step.action.action is Action.REMOVE:
                gone = {word.text for word in step.action.packages}
                installed = [tool for tool in installed if tool.name not in gone and tool.group not in gone]
    if not installed or is_for_development(model.target, ctx) or _is_for_people(start_of(model.target, ctx)):
        return
    used = {command.name for each in placed for command in ctx.commands(each.node, each.step)}
    for tool in installed:
        if tool.name.partition("-")[0] not in used:
            message = f"{quoted(tool.name)} is {tool.what}, which nobody needs where the program runs: leave it out"
            yield ctx.finding(tool.word.span, message)


def _is_for_people(start: Start) -> bool:
    """Whether a container only opens a shell or an interpreter, in which somebody works."""
    if start.entrypoint is None and isinstance(start.command, StartValue):
        return is_interactive(program_of(start.command.words))
    return False


def _tools(step: PackageStep) -> Iterator[_Installed]:
    known = _SYSTEM if step.action.manager.ecosystem == "os" else _LANGUAGE
    group = next((word.text for word in step.action.options.values(*_GROUP_OPTIONS)), None)
    for word in step.action.packages:
        match = _NAME.match(word.text or "")
        if match is not None and match[0] in known:
            yield _Installed(match[0], known[match[0]], word, group)
