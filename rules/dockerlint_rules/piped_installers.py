"""Scripts that are run while they are downloaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dockerlint.finding import Finding, Related, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.shell.downloads import DOWNLOADERS, Sink, Transfer
from dockerlint.shell.interpreters import read_interpreter
from dockerlint.shell.nested import reads_standard_input
from dockerlint.shell.script import Command, ScopeKind, Word
from dockerlint.shell.verifications import verifies
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Run
from dockerlint_rules._downloads import host_of, transfers
from dockerlint_rules._runs import here
from dockerlint_rules._tables import names

_INTERPRETERS = names("node perl php python ruby")
_SCRIPT_OPTIONS = ("-c", "-e", "-r")
#: With these an interpreter reads no script from standard input.
_OTHER_SCRIPT = ("-c", "-e", "-E", "-m", "-n", "-p", "-r", "-V", "-v", "--version", "--help")
_STANDARD_INPUT = ("-", "/dev/stdin", "/dev/fd/0")
_SOURCING = ("source", ".")


@rule(
    "DL7011",
    "piped-installer",
    on=Run,
    programs=DOWNLOADERS,
    severity=Severity.WARNING,
    tags=("security", "packages"),
)
def piped_installer(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    r"""A downloaded script is run without a look at it.

    ## Why
    Whoever gets hold of the server, or of the name that leads there, runs a program of their own in the build, mostly
    as root, and the same RUN installs something else tomorrow. Nobody can tell afterwards what has run. And if the
    connection breaks, the shell has already run the first half.

    Packages of a distribution or a base image with the tool need no script. Else download a release with its version
    in the URL, compare its checksum with one in the file, and run that.

    ## Bad
        FROM debian:12-slim
        RUN curl -fsSL https://example.com/install.sh | bash

    ## Good
        FROM debian:12-slim
        ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d \
            https://example.com/install-1.2.sh /tmp/install.sh
        RUN sh /tmp/install.sh && rm /tmp/install.sh

    ## See
    - https://docs.docker.com/reference/dockerfile/#add---checksum
    - https://docs.docker.com/build/building/best-practices/#pipes
    """
    found = transfers(here(node, ctx), ctx)
    commands = ctx.commands(node) if found else ()
    for transfer in found:
        if not transfer.fetches or all(download.sink is not Sink.OUTPUT for download in transfer.downloads):
            continue
        runner = _piped_to(transfer.command, commands) or _substituted_in(transfer.command, commands)
        if runner is not None and runner.program is not None:
            yield _finding(transfer, runner.program, ctx)


def _finding(transfer: Transfer, program: Word, ctx: RuleContext) -> Finding:
    url = transfer.downloads[0].url
    host = host_of(url)
    source = "a URL" if host is None else quoted(host)
    message = (
        f"{quoted(program.raw)} runs whatever {source} sends: download a fixed version, and verify its checksum first"
    )
    return ctx.finding(program.span, message, related=(Related(url.span, "the script comes from here"),))


def _piped_to(command: Command, commands: Sequence[Command]) -> Command | None:
    """The interpreter that reads what a command puts out; None if a command between the two verifies it."""
    stages = dict(command.pipelines())
    if not stages:
        return None
    for other in commands:
        if any(stage > stages.get(pipeline, stage) for pipeline, stage in other.pipelines()):
            if verifies(other):
                return None
            if _reads_script(other):
                return other
    return None


def _reads_script(command: Command) -> bool:
    """Whether a command runs the script that it reads from standard input."""
    if command.name is None:
        return False
    if command.name in _SOURCING or command.name == "invoke-expression":
        return command.name not in _SOURCING or any(word.text in _STANDARD_INPUT for word in command.arguments)
    if reads_standard_input(command) is not None:
        return True
    shell = read_interpreter([command.name, *(word.text for word in command.arguments)])
    if shell is not None:
        rest = command.arguments[shell.operand - 1 :]
        return shell.script is None and bool(rest) and rest[0].text in _STANDARD_INPUT
    if not _is_interpreter(command.name):
        return False
    for word in command.arguments:
        text = word.text
        if text is None or (text.startswith(_OTHER_SCRIPT) and text not in _STANDARD_INPUT):
            return False
        if text == "--" or not text.startswith("-") or text in _STANDARD_INPUT:
            return text == "--" or text in _STANDARD_INPUT
    return True


def _is_interpreter(name: str) -> bool:
    return name.rstrip("0123456789.") in _INTERPRETERS


def _substituted_in(command: Command, commands: Sequence[Command]) -> Command | None:
    """The command that runs what a command puts out as its script: `bash <(curl …)`, `sh -c "$(curl …)"`, `eval`."""
    for scope in command.scope.outward():
        if scope.kind in (ScopeKind.PROCESS_SUBSTITUTION, ScopeKind.SUBSTITUTION):
            around = (other for other in commands if other.span.holds(scope.span) and other is not command)
            runners = [other for other in around if _runs_part(other, scope.span)]
            return runners[-1] if runners else None
    return None


def _runs_part(command: Command, part: Span) -> bool:
    """Whether the text at a place is the script that a command runs, or begins it."""
    index = next((at for at, word in enumerate(command.arguments) if word.span.holds(part)), None)
    if index is None:
        return command.name is not None and _reads_script(command) and _feeds(command, part)
    word = command.arguments[index]
    if command.name is None or not word.parts or isinstance(word.parts[0], str):
        return False
    if command.name == "eval" or command.name in _SOURCING:
        return index == 0
    before = command.arguments[index - 1].text or "" if index else ""
    shell = read_interpreter([command.name, *(other.text for other in command.arguments)])
    if shell is not None:
        return index + 1 == (shell.script if shell.script is not None else shell.operand)
    if _is_interpreter(command.name):
        return before in _SCRIPT_OPTIONS or all(
            (other.text or "").startswith("-") for other in command.arguments[:index]
        )
    return False


def _feeds(command: Command, part: Span) -> bool:
    """Whether a place is in a here-string or an input of a command: `bash <<< "$(curl …)"`, `sh < <(curl …)`."""
    inputs = (redirect for redirect in command.redirects if redirect.operator in ("<", "<<<"))
    return any(redirect.span.holds(part) for redirect in inputs)
