"""SSH without a check of whom it talks to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dockerlint.finding import Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.scripts import ASSIGNMENT
from dockerlint.shell.script import Command
from dockerlint.shell.verifications import verifies
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Arg, Env, Instruction, Run, Transfer
from dockerlint_rules._assigned import assigned
from dockerlint_rules._runs import here
from dockerlint_rules._tables import names
from dockerlint_rules._written import WRITERS, as_written, written

_OFF = re.compile(r"(?:\b|(?<=-o))StrictHostKeyChecking(?:[ \t]*=[ \t]*|[ \t]+)\"?(?:no|off)\b", re.IGNORECASE)
_CALLERS = names("ansible autossh git hg mosh rsync scp sftp ssh ssh-copy-id sshfs sshpass")
_VARIABLES = names("GIT_SSH_COMMAND GIT_SSH RSYNC_RSH ANSIBLE_SSH_ARGS ANSIBLE_SSH_COMMON_ARGS CVS_RSH")
_COMPARING = names("cmp diff grep ssh-keygen")
_REMEDY = "copy a known_hosts file with the key of the host"


@rule(
    "DL7035",
    "host-key-check-off",
    on=(Arg, Env, Run, Transfer),
    programs=(ASSIGNMENT, *_CALLERS, "ssh-keyscan", *WRITERS),
    severity=Severity.WARNING,
    tags=("security", "packages"),
)
def host_key_check_off(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    r"""SSH is told to talk to any host that answers.

    ## Why
    With `StrictHostKeyChecking no`, anybody on the way can stand in for the host: a build takes their code for that of
    the repository, and files are sent to them. The keys of a host do not change often, and the large providers publish
    theirs.

    To ask the host for its key with `ssh-keyscan` in the build believes whoever answers just as well. It is an info,
    and not reported where the RUN compares the key or its fingerprint with something.

    ## Bad
        FROM debian:12-slim
        RUN --mount=type=ssh git -c core.sshCommand="ssh -o StrictHostKeyChecking=no" \
            clone --depth 1 --branch v1.2 git@github.com:example/tool.git

    ## Good
        FROM debian:12-slim
        COPY known_hosts /etc/ssh/ssh_known_hosts
        RUN --mount=type=ssh git clone --depth 1 --branch v1.2 git@github.com:example/tool.git

    ## See
    - https://man.openbsd.org/ssh_config#StrictHostKeyChecking
    - https://docs.github.com/authentication/keeping-your-account-and-data-secure/githubs-ssh-key-fingerprints
    """
    for variable in assigned(node, ctx):
        if variable.name in _VARIABLES and _OFF.search(variable.value or ""):
            yield _off(_within(variable.value_span, ctx), ctx)
    if ctx.step is None:
        return
    for text in written(here(node, ctx), ctx):
        if "ssh" in text.path:
            for line in text.lines:
                match = _OFF.search(line.text)
                if match is not None:
                    yield _off(line.place(match[0]), ctx)
    if isinstance(node, Run):
        commands = ctx.commands(node)
        for command in commands:
            if command.name in _CALLERS:
                guilty = (word for word in command.arguments if _OFF.search(as_written(word)))
                yield from (_off(_within(word.span, ctx), ctx) for word in guilty)
        yield from _scanned(commands, ctx)


def _within(span: Span, ctx: RuleContext) -> Span:
    """The setting in a text, or the whole text where it does not stand there as it is."""
    match = _OFF.search(ctx.source.slice(span))
    return span if match is None else Span(span.start + match.start(), span.start + match.end())


def _off(span: Span, ctx: RuleContext) -> Finding:
    return ctx.finding(span, f"with {quoted(ctx.source.slice(span))} SSH talks to any host that answers: {_REMEDY}")


def _scanned(commands: Sequence[Command], ctx: RuleContext) -> Iterator[Finding]:
    """The commands that believe a host what its key is, in a script that compares it with nothing."""
    programs = [command.program for command in commands if command.name == "ssh-keyscan"]
    if programs and not any(verifies(command) or command.name in _COMPARING for command in commands):
        for program in programs:
            if program is not None:
                message = f"ssh-keyscan believes whoever answers: {_REMEDY}"
                yield ctx.finding(program.span, message, lower_to=Severity.INFO)
