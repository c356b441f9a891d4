"""Scripts in here-documents of RUN."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.shell.script import Command, Operator, ScopeKind, Script
from dockerlint.shell.switches import Switches
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Run
from dockerlint_rules._tables import names

# Commands that hardly fail, or whose failure nobody minds.
_HARMLESS = names(
    ": [ [[ alias break continue echo exit export false printf return set shopt sleep test trap true umask unset wait"
)
_ENDS = frozenset({Operator.SEMICOLON, Operator.NEWLINE})


@rule(
    "DL5035",
    "unchecked-heredoc-failure",
    on=Run,
    severity=Severity.WARNING,
    tags=("shell",),
)
def unchecked_heredoc_failure(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """A script in a here-document goes on after a command that failed.

    ## Why
    The lines of a here-document are commands of their own, not joined by `&&`. Without `set -e` the shell goes on when
    one of them fails, and the step counts as done if the last one succeeds: the image is built without what the script
    should have installed.

    `set -e` in the first line ends the script with the first failure, as does a shell that is started with `-e`, by
    SHELL or by `#!/bin/sh -e`.

    ## Bad
        FROM debian:12.7-slim
        RUN <<EOF
        apt-get update
        apt-get install -y --no-install-recommends curl
        EOF

    ## Good
        FROM debian:12.7-slim
        RUN <<EOF
        set -e
        apt-get update
        apt-get install -y --no-install-recommends curl
        EOF

    ## See
    - https://docs.docker.com/reference/dockerfile/#here-documents
    - https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#set
    """
    if not node.heredocs:
        return
    script = ctx.script(node)
    if not script.is_posix:
        return
    switches = Switches(script)
    last = max((command.span.start for command in script.commands), default=0)
    for command in script.commands:
        if command.span.start < last and _is_unchecked(command, switches) and _is_in_body(node, command):
            name = quoted(command.name) if command.name is not None else "a command"
            message = f"the script goes on if {name} fails: begin it with 'set -e'"
            yield ctx.finding((command.program or command).span, message, fix=_fix(node, script, ctx))
            return


def _is_unchecked(command: Command, switches: Switches) -> bool:
    """Whether nothing takes notice of a failure of the command."""
    if command.after not in _ENDS or command.name in _HARMLESS or command.program is None or command.negated:
        return False
    if command.wrapped_by is not None or command.before is Operator.OR:
        return False
    if command.scope.kind not in {ScopeKind.SCRIPT, ScopeKind.STRING, ScopeKind.LOOP, ScopeKind.BRANCH}:
        return False
    return "errexit" not in switches.at(command.scope, command.span.start)


def _is_in_body(node: Run, command: Command) -> bool:
    return any(heredoc.body.holds(command.span) for heredoc in node.heredocs)


def _fix(node: Run, script: Script, ctx: RuleContext) -> Fix | None:
    """`set -e` as the first line of a script that is a here-document as a whole."""
    start = node.heredocs[0].body.start
    if script.span.start != start:
        return None
    text = ctx.source.text
    if text.startswith("#!", start):
        start = text.find("\n", start) + 1
    return Fix("Begin the script with 'set -e'", Safety.UNSAFE, (Edit(Span(start, start), "set -e\n"),))
