"""The command of HEALTHCHECK: whether it tells a healthy container from an ill one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dockerlint.finding import Confidence, Edit, Finding, Fix, Safety, Severity
from dockerlint.image.names import usual_name
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.stages import Stage
from dockerlint.shell.script import Command, Operator, ScopeKind, Script
from dockerlint.shell.switches import Switches
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Healthcheck, Run, Transfer
from dockerlint_rules._downloads import transfers
from dockerlint_rules._labels import image_steps
from dockerlint_rules._runs import Placed, here
from dockerlint_rules._tables import names

_SUCCEEDING = names(": echo printf true")
_PASSING_ON = names("cat head tail tee wc")
_ENDS = frozenset({Operator.OR, Operator.SEMICOLON, Operator.NEWLINE})
_SUBSTITUTIONS = frozenset({ScopeKind.SUBSTITUTION, ScopeKind.PROCESS_SUBSTITUTION})

# What the images of these distributions do not have.
_MISSING = {
    "alpine": names("curl"),
    "busybox": names("curl"),
    "debian": names("curl wget"),
    "ubuntu": names("curl wget"),
}
_SHELLS = names("bash sh ash dash . source")


@rule("DL8017", "healthcheck-hides-failure", on=Healthcheck, severity=Severity.WARNING, tags=("start-command",))
def healthcheck_hides_failure(node: Healthcheck, ctx: RuleContext) -> Iterator[Finding]:
    """The command of a HEALTHCHECK says nothing about health: it cannot fail, or it cannot succeed.

    ## Why
    A container counts as healthy if the command ends with status 0. `curl` does so for every answer, an error page
    included, unless `-f` is given. A command that ends with `|| true`, `|| exit 0` or a pipe to `cat` always does so. A
    program that is not in the image never does.

    A broken service is then left in place by whatever waits for the check, or a good one is replaced again and again.

    ## Bad
        FROM nginx:1.27
        HEALTHCHECK CMD curl http://localhost/ || exit 0

    ## Good
        FROM nginx:1.27
        HEALTHCHECK CMD curl -f http://localhost/ || exit 1

    ## See
    - https://docs.docker.com/reference/dockerfile/#healthcheck
    - https://curl.se/docs/manpage.html#-f
    """
    script = ctx.script(node)
    commands = ctx.commands(node)
    end = _end(commands, script)
    if end is not None:
        written = " ".join(word.raw for word in end.words)
        message = f"the check ends with {quoted(written)} and so never fails: end it with what can, or with '|| exit 1'"
        yield ctx.finding(end.span, message, fix=_exit_1(end, ctx))
    bases: dict[str, str | None] = {}
    for transfer in transfers(here(node, ctx), ctx):
        command = transfer.command
        program = command.program
        if program is None or transfer.tool not in {"curl", "wget"}:
            continue
        if transfer.tool not in bases:
            bases[transfer.tool] = _base_without(transfer.tool, ctx)
        base = bases[transfer.tool]
        if base is not None:
            message = (
                f"{quoted(base)} has no {quoted(transfer.tool)} and nothing installs it, so the check always fails"
            )
            yield ctx.finding(program.span, message, confidence=Confidence.MEDIUM)
        elif transfer.tool == "curl" and not transfer.has("-f", "--fail", "--fail-with-body") and _decides(command):
            message = "'curl' takes an error page for success: add '-f'"
            yield ctx.finding(program.span, message, fix=_with_fail(command, ctx))


def _decides(command: Command) -> bool:
    """Whether the status of a command counts, not what it prints, and its server speaks HTTP."""
    if any(scope.kind in _SUBSTITUTIONS for scope in command.scope.outward()):
        return False
    if any(stage < pipeline.length - 1 for pipeline, stage in command.pipelines()):
        return False
    return not any("://" in word.prefix and not word.prefix.startswith("http") for word in command.arguments)


def _end(commands: Sequence[Command], script: Script) -> Command | None:
    """The command at the end of a check that makes it succeed always; None if it may fail."""
    listed = [command for command in commands if command.wrapped_by is None and _is_listed(command)]
    if len(listed) < 2 or any(command.name == "exit" and not _succeeds(command) for command in commands):
        return None
    last = listed[-1]
    switches = Switches(script).at(last.scope, last.span.start)
    if last.pipeline is not None:
        hides = last.stage == last.pipeline.length - 1 and last.name in _PASSING_ON and not _reads_file(last)
        return last if hides and "pipefail" not in switches else None
    if last is not max(commands, key=lambda command: command.span.start) or last.before not in _ENDS:
        return None
    if last.before is not Operator.OR and "errexit" in switches:
        return None
    return last if _succeeds(last) else None


def _is_listed(command: Command) -> bool:
    """Whether a command stands in the script itself, not in a branch, a loop or a word."""
    return all(scope.kind in {ScopeKind.SCRIPT, ScopeKind.STRING, ScopeKind.GROUP} for scope in command.scope.outward())


def _succeeds(command: Command) -> bool:
    if command.name == "exit":
        return [word.text for word in command.arguments] == ["0"]
    return command.name in _SUCCEEDING


def _reads_file(command: Command) -> bool:
    return command.name in {"cat", "head", "tail", "wc"} and any(
        not word.prefix.startswith("-") and not word.prefix.isdigit() for word in command.arguments
    )


def _base_without(tool: str, ctx: RuleContext) -> str | None:
    """The base image of the stage if it is known to lack a tool and nothing may have put it there."""
    if ctx.stage is None:
        return None
    reference = ctx.model.chain(ctx.stage)[0].base.reference
    if reference is None or tool not in _MISSING.get(usual_name(reference), ()):
        return None
    return None if _may_come(tool, ctx.stage, ctx) else reference.familiar


def _may_come(tool: str, stage: Stage, ctx: RuleContext) -> bool:
    """Whether an instruction names the tool, or does what cannot be known."""
    for step in image_steps(ctx.model, stage):
        node = step.node
        if isinstance(node, Transfer) and (node.flag("from") is not None or tool in node.line.text):
            return True
        if isinstance(node, Run) and (node.flags or _may_install(tool, Placed(node, step), ctx)):
            return True
    return False


def _may_install(tool: str, placed: Placed, ctx: RuleContext) -> bool:
    script = ctx.script(placed.node, placed.step)
    if script.errors or not script.is_posix:
        return True
    for command in ctx.commands(placed.node, placed.step):
        if command.program is None:
            continue
        if command.name is None or command.name in _SHELLS or "/" in command.program.raw:
            return True
        if any(word.text is None or tool in word.text for word in command.words):
            return True
    return False


def _exit_1(end: Command, ctx: RuleContext) -> Fix | None:
    """`|| exit 1` for `|| exit 0` and `|| true`."""
    if end.before is not Operator.OR or ctx.source.slice(end.span) not in {"exit 0", "true", ":"}:
        return None
    return Fix("Fail where the check fails", Safety.UNSAFE, (Edit(end.span, "exit 1"),))


def _with_fail(command: Command, ctx: RuleContext) -> Fix | None:
    program = command.program
    if program is None or ctx.source.slice(program.span) != program.raw:
        return None
    return Fix("Add -f", Safety.UNSAFE, (Edit(Span(program.span.end, program.span.end), " -f"),))
