"""RUN instructions that follow one another and could be one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from dockerlint.finding import Edit, Finding, Fix, Related, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.stages import Stage
from dockerlint.shell.managers import Action
from dockerlint.shell.script import Command, Operator, ScopeKind, Script
from dockerlint.source import Span
from dockerlint.syntax.tree import Form, Run
from dockerlint_rules._runs import Placed, is_shipped, package_steps, sequences
from dockerlint_rules._tables import names

_MOST_COMMANDS = 2

# After these, what follows in the same shell would be different from what follows in the next RUN.
_STATEFUL = names("cd pushd popd set shopt export exit exec trap umask ulimit source . alias unset su wait return eval")
_WEAK = frozenset({Operator.OR, Operator.SEMICOLON, Operator.NEWLINE, Operator.BACKGROUND})


@rule(
    "DL3059",
    "consecutive-runs",
    on=Stage,
    needs=(Run,),
    severity=Severity.INFO,
    hadolint=Severity.INFO,
    tags=("layers",),
)
def consecutive_runs(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    r"""Small RUNs follow one another where one would do.

    ## Why
    Each RUN makes a layer. What one writes and the next removes or changes stays in the image twice, and each layer is
    a request of its own when the image is pulled.

    Only stages that become part of the image count: in a stage that is copied from, small steps are good for the cache.
    So are they where a step installs dependencies and the next one builds with them. RUNs of more than two commands,
    with a here-document, with different flags or with a cache or a secret mount are left alone.

    ## Bad
        FROM debian:12.7-slim
        RUN groupadd --system app
        RUN useradd --system --gid app app

    ## Good
        FROM debian:12.7-slim
        RUN groupadd --system app \
         && useradd --system --gid app app

    ## See
    - https://docs.docker.com/build/building/best-practices/#run
    - https://docs.docker.com/build/cache/optimize/
    """
    own = sequences(stage, ctx)[0]
    if ctx.as_hadolint:
        groups: Iterable[list[tuple[Placed, Run]]] = _pairs_of_hadolint(own, ctx)
    else:
        groups = _groups(own, ctx) if is_shipped(ctx) else ()
    for group in groups:
        yield _finding([node for _, node in group], [placed for placed, _ in group], ctx)


def _pairs_of_hadolint(own: Sequence[Placed], ctx: RuleContext) -> Iterator[list[tuple[Placed, Run]]]:
    """The neighbours that hadolint objects to: equal flags, one command each, in any stage."""
    for first, second in pairwise(own):
        if isinstance(first.node, Run) and isinstance(second.node, Run) and _flags(first.node) == _flags(second.node):
            scripts = [ctx.script(each.node, each.step) for each in (first, second)]
            if all(not script.is_posix or len(_own_commands(script)) <= 1 for script in scripts):
                yield [(first, first.node), (second, second.node)]


def _finding(nodes: Sequence[Run], placed: Sequence[Placed], ctx: RuleContext) -> Finding:
    saved = len(nodes) - 1
    layers = "one layer" if saved == 1 else f"{saved} layers"
    return ctx.finding(
        nodes[1].keyword.span,
        f"{len(nodes)} RUNs in a row could be one, which saves {layers}: join them with '&&'",
        related=tuple(Related(node.keyword.span, "one of them") for node in (nodes[0], *nodes[2:])),
        fix=_fix(nodes, placed, ctx),
    )


def _groups(own: Sequence[Placed], ctx: RuleContext) -> Iterator[list[tuple[Placed, Run]]]:
    """The stretches of RUNs that one could replace."""
    group: list[tuple[Placed, Run]] = []
    for placed in own:
        node = placed.node
        fits = isinstance(node, Run) and _is_small(node, placed, ctx)
        if group and not (fits and isinstance(node, Run) and _joins(group[-1], (placed, node), ctx)):
            if len(group) > 1:
                yield group
            group = []
        if fits and isinstance(node, Run):
            group.append((placed, node))
    if len(group) > 1:
        yield group


def _is_small(node: Run, placed: Placed, ctx: RuleContext) -> bool:
    if node.heredocs or node.command.form is Form.NONE or any(flag.name == "mount" for flag in node.flags):
        return False
    return 0 < len(_own_commands(ctx.script(node, placed.step))) <= _MOST_COMMANDS


def _joins(first: tuple[Placed, Run], second: tuple[Placed, Run], ctx: RuleContext) -> bool:
    """Whether two neighbours belong together: they have equal flags, and the second does not build on an install."""
    if _flags(first[1]) != _flags(second[1]):
        return False
    return not _installs(first[0], ctx) or _installs(second[0], ctx)


def _installs(placed: Placed, ctx: RuleContext) -> bool:
    return any(step.action.action in {Action.INSTALL, Action.UPDATE_INDEX} for step in package_steps(placed, ctx))


def _flags(node: Run) -> list[str]:
    return [flag.text for flag in node.flags]


def _own_commands(script: Script) -> list[Command]:
    """The commands that the script itself has, without those that they start."""
    return [
        command
        for command in script.commands
        if command.wrapped_by is None and all(scope.kind is not ScopeKind.STRING for scope in command.scope.outward())
    ]


def _fix(nodes: Sequence[Run], placed: Sequence[Placed], ctx: RuleContext) -> Fix | None:
    """The fix that joins RUNs, with the comments between them, where the shell would do the same."""
    scripts = [ctx.script(each.node, each.step) for each in placed]
    for number, (node, script) in enumerate(zip(nodes, scripts, strict=True)):
        if not _can_be_joined(node, script, is_first=number == 0):
            return None
    edits = []
    for (first, second), script in zip(pairwise(nodes), scripts[1:], strict=True):
        start = script.commands[0].span.start
        between = Span(first.span.end, start)
        gap = ctx.source.slice(Span(first.span.end, second.span.start))
        comments = [line.strip() for line in gap.split("\n") if line.strip()]
        if "\r" in gap or not all(line.startswith("#") for line in comments):
            return None
        edits.append(
            Edit(between, "".join((f" {ctx.dockerfile.escape}\n", *(f"{line}\n" for line in comments), " && ")))
        )
    return Fix("Join the RUNs", Safety.UNSAFE, tuple(edits))


def _can_be_joined(node: Run, script: Script, *, is_first: bool) -> bool:
    text = "" if node.command.script is None else node.command.script.text.rstrip()
    if node.command.form is not Form.SHELL or not script.is_posix or script.errors or node.dangling:
        return False
    if "#" in text or text.endswith((";", "&", "|", "\\")):
        return False
    for command in script.commands:
        if command.name in _STATEFUL or command.program is None or command.background:
            return False
        if (
            not is_first
            and command.scope.kind is ScopeKind.SCRIPT
            and _WEAK.intersection((command.before, command.after))
        ):
            return False
    return script.commands[0].scope.kind is ScopeKind.SCRIPT and script.commands[0].span.start == script.span.start
