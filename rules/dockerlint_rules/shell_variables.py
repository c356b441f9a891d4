"""Build arguments in the commands of a RUN: the shell only sees those that the stage declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.finding import Confidence, Finding, Related, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.semantics.platforms import PLATFORM_ARGS
from dockerlint.semantics.stages import Stage, Step
from dockerlint.shell.script import Command, Script
from dockerlint.shell.script import Word as ShellWord
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Arg, Run
from dockerlint_rules._variables import base_variables, declare, global_declarations

#: Commands that set variables named by their arguments, and those after which any variable may be set.
_READERS = frozenset({"getopts", "mapfile", "printf", "read", "readarray"})
_INCLUDERS = frozenset({".", "eval", "source"})


@rule(
    "DL5021",
    "argument-out-of-scope",
    on=Model,
    needs=(Run,),
    severity=Severity.WARNING,
    tags=("variables",),
)
def argument_out_of_scope(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """A RUN uses a build argument that its stage does not declare, so the shell finds it empty.

    ## Why
    Arguments above the first FROM, and the platform variables of the builder (`TARGETARCH` …), reach a stage only if
    it declares them by `ARG NAME`. Without that the variable is simply not there: `curl …/app-$TARGETARCH.tar.gz`
    asks for `app-.tar.gz`, and `--build-arg` has no effect.

    The same slip in a field that the builder expands (COPY, ENV, LABEL …) is reported as DL5005. Level info is for
    stages on an unknown base image, which might set the name itself.

    ## Bad
        ARG VERSION=1.4
        FROM debian:12.7-slim
        RUN install-app --version "$VERSION"

    ## Good
        ARG VERSION=1.4
        FROM debian:12.7-slim
        ARG VERSION
        RUN install-app --version "$VERSION"

    ## See
    - https://docs.docker.com/build/building/variables/#scoping
    - https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope
    """
    declarations = global_declarations(model)
    mended: set[tuple[int, str]] = set()
    for use in _undeclared_uses(model, ctx, frozenset((*PLATFORM_ARGS, *declarations))):
        if use.declared_below is not None:
            continue
        # One ARG serves all that follows in the stage.
        first = (use.stage, use.name) not in mended
        mended.add((use.stage, use.name))
        declaration = declarations.get(use.name)
        related = () if declaration is None else (Related(declaration.span, "only FROM sees this ARG"),)
        message = f"{quoted(use.name)} is not declared in this stage, so RUN finds it empty: add 'ARG {use.name}'"
        yield ctx.finding(
            use.span,
            message,
            lower_to=None if use.certain else Severity.INFO,
            confidence=None if use.certain else Confidence.MEDIUM,
            related=related,
            fix=declare(use.name, use.step.node, ctx.source) if first else None,
        )


@rule(
    "DL5022",
    "argument-used-before-declaration",
    on=Model,
    needs=(Run,),
    severity=Severity.WARNING,
    tags=("variables",),
)
def argument_used_before_declaration(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """A RUN uses a build argument above the ARG that declares it, so the shell finds it empty.

    ## Why
    An ARG holds from its line on. A RUN above it does not see the value, and `--build-arg` does not change that; the
    build goes on with an empty text. The same slip in a field that the builder expands (COPY, ENV, LABEL …) is
    reported as DL5005.

    ## Bad
        FROM debian:12.7-slim
        RUN install-app --version "$VERSION"
        ARG VERSION=1.4

    ## Good
        FROM debian:12.7-slim
        ARG VERSION=1.4
        RUN install-app --version "$VERSION"

    ## See
    - https://docs.docker.com/reference/dockerfile/#scope
    """
    for use in _undeclared_uses(model, ctx, frozenset()):
        if use.declared_below is not None:
            message = f"{quoted(use.name)} is declared only further down, so RUN finds it empty: move the ARG above it"
            yield ctx.finding(
                use.span,
                message,
                lower_to=None if use.certain else Severity.INFO,
                confidence=None if use.certain else Confidence.MEDIUM,
                related=(Related(use.declared_below, "it is declared here"),),
            )


class _Use(NamedTuple):
    """A variable in a RUN that is declared elsewhere, but not above it in the stage.

    `declared_below` is the ARG further down in the stage. `certain` says that the base image does not set the name
    either.
    """

    name: str
    span: Span
    stage: int
    step: Step
    declared_below: Span | None
    certain: bool


def _undeclared_uses(model: Model, ctx: RuleContext, elsewhere: frozenset[str]) -> Iterator[_Use]:
    """The uses of names that are declared below in the stage or are among those declared `elsewhere`."""
    of_base = base_variables(model)
    for stage in model.stages:
        below = _declarations(stage)
        names = elsewhere.union(below)
        for step in stage.steps[1:]:
            if not names or not isinstance(step.node, Run):
                continue
            script = ctx.script(step.node, step)
            wanted = script.variables & names
            if not wanted:
                continue
            read = sorted(wanted - _set_by(script))
            places = _places(script) if read else {}
            for name in read:
                before = step.before
                certain = before.environment.others is None or name in PLATFORM_ARGS
                if before.declares(name) or (not certain and name in of_base[stage.index]):
                    continue
                span = places.get(name, step.node.keyword.span)
                yield _Use(name, span, stage.index, step, below.get(name), certain)


def _declarations(stage: Stage) -> dict[str, Span]:
    """The places of the ARGs of a stage; of several with one name the first counts."""
    places: dict[str, Span] = {}
    for node in stage.nodes():
        if isinstance(node, Arg):
            for declaration in node.declarations:
                places.setdefault(declaration.name.text, declaration.span)
    return places


def _set_by(script: Script) -> frozenset[str]:
    """The variables that a script sets itself; all that it reads where it takes in another script."""
    names: set[str] = set()
    for command in script.commands:
        if command.name in _INCLUDERS:
            return script.variables
        if command.name in _READERS:
            names.update(word.text for word in command.arguments if word.text)
        names.update(assignment.name for assignment in command.assignments if assignment.value is not None)
        names.update(scope.loop.variable for scope in command.scope.outward() if scope.loop is not None)
    return frozenset(names)


def _places(script: Script) -> dict[str, Span]:
    """The first word of a script that reads each variable."""
    places: dict[str, Span] = {}
    for command in script.commands:
        for word in _words(command):
            for name in word.variables:
                places.setdefault(name, word.span)
    return places


def _words(command: Command) -> Iterator[ShellWord]:
    for assignment in command.assignments:
        if assignment.value is not None:
            yield assignment.value
    yield from command.words
    for redirect in command.redirects:
        if redirect.target is not None:
            yield redirect.target
