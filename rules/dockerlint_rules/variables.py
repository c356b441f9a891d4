"""Variables in the fields that the builder expands: what is not set, and what still has its old value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.finding import Confidence, Edit, Finding, Fix, Related, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.fields import expanded_fields
from dockerlint.semantics.model import Model
from dockerlint.semantics.platforms import PLATFORM_ARGS, PROXY_ARGS
from dockerlint.semantics.stages import Stage, Step
from dockerlint.source import Span
from dockerlint.syntax.invalid import Invalid, quoted
from dockerlint.syntax.mounts import split_mount
from dockerlint.syntax.tree import Arg, Env, Run, Transfer, Word
from dockerlint.syntax.words import VariableUse
from dockerlint_rules._built import BuiltStep, built_steps
from dockerlint_rules._variables import (
    MOST_HINTS,
    base_variables,
    declare,
    first_uses,
    global_declarations,
    near_name,
    rename,
)

#: Names that BuildKit keeps for itself: it never calls them undefined.
_BUILDER_ARGS = frozenset({"BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"})

#: What a process gets from its shell or from the container runtime; few images set it.
_PROCESS_VARIABLES = frozenset({"GID", "HOME", "HOSTNAME", "LOGNAME", "PWD", "SHELL", "UID", "USER"})

#: Operators by which the text says itself what holds without the variable.
_ALTERNATIVES = frozenset({":-", "-", ":+", "+"})

#: Operators that use a variable only where it is set.
_GUARDS = frozenset({":+", "+"})

#: Shorter names have a near neighbour by chance.
_LONG_NAME = 6


@rule(
    "DL5005",
    "undefined-variable",
    on=Model,
    severity=Severity.WARNING,
    supersedes=("DL3045", "DL6005"),
    aliases=("UndefinedVar",),
    tags=("variables",),
)
def undefined_variable(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """A variable is used where nothing has set it, so it stands for an empty text.

    ## Why
    The builder does not fail on an unknown name: `COPY app $APPHOME/` quietly becomes `COPY app /`. It is mostly a
    misspelt name, an argument of another stage, or a variable that only exists in a shell: `HOME`, `USER` and `PWD` are
    set when a process starts, not while the builder reads the file.

    Looked at are the fields that the builder expands: paths, ENV and LABEL values, defaults of ARG, WORKDIR, USER,
    mounts and the like. What a RUN passes to its shell is the business of DL5021 and DL5022. Where the base image is
    not known it might set the name, so only names that are likely mistakes are reported. A text that says what holds
    without the variable (`${NAME:-default}`) is reported with level info.

    ## Bad
        FROM debian:12.7-slim
        ENV APP_HOME=/srv/app
        COPY app $APPHOME/

    ## Good
        FROM debian:12.7-slim
        ENV APP_HOME=/srv/app
        COPY app $APP_HOME/

    ## See
    - https://docs.docker.com/reference/build-checks/undefined-var/
    - https://docs.docker.com/reference/dockerfile/#environment-replacement
    - https://docs.docker.com/reference/dockerfile/#scope
    """
    global_args = {name: declaration.span for name, declaration in global_declarations(model).items()}
    count = 0
    of_base = base_variables(model)
    for stage in model.stages:
        names = _Names(global_args, _set_in(stage), of_base[stage.index])
        mended: set[str] = set()
        for built in built_steps(stage, ctx):
            for unset in _unset_uses(built.step, model):
                explained = _explain(unset, built, names, with_hint=count < MOST_HINTS)
                if explained is not None:
                    count += 1
                    fix = _fix(ctx, unset, built, explained, mended)
                    yield _undefined(ctx, unset, built, explained, fix)


class _Names(NamedTuple):
    """Where names are declared that an instruction cannot see: before the first FROM, and anywhere in its own stage.

    `of_base` are the variables in the name of the stage's base image.
    """

    global_args: dict[str, Span]
    in_stage: dict[str, Span]
    of_base: frozenset[str]


class _UnsetUse(NamedTuple):
    """A use of a name that nothing in the file has set; `certain` says that the base image has not set it either."""

    use: VariableUse
    span: Span
    word: Word | None
    certain: bool


class _Explanation(NamedTuple):
    """What is wrong; `near` is the name that was probably meant, and `declare` asks for an ARG in the stage."""

    message: str
    lowered: bool = False
    related: tuple[Related, ...] = ()
    near: str | None = None
    declare: bool = False


def _undefined(
    ctx: RuleContext, unset: _UnsetUse, built: BuiltStep, explained: _Explanation, fix: Fix | None
) -> Finding:
    return ctx.finding(
        built.place(unset.span),
        explained.message,
        lower_to=Severity.INFO if explained.lowered else None,
        confidence=None if unset.certain else Confidence.MEDIUM,
        related=(*built.related(unset.span), *explained.related),
        fix=fix,
    )


def _fix(ctx: RuleContext, unset: _UnsetUse, built: BuiltStep, explained: _Explanation, mended: set[str]) -> Fix | None:
    """What mends a use, if anything does; the names of an added ARG go to `mended`, as it serves all that follows."""
    name = unset.use.name
    if built.trigger_of is not None or name in mended:
        return None
    if explained.declare:
        mended.add(name)
        return declare(name, built.step.node, ctx.source)
    if explained.near is not None and unset.word is not None:
        return rename(unset.word, built.step.expand(unset.word).uses, name, explained.near)
    return None


def _explain(unset: _UnsetUse, built: BuiltStep, names: _Names, *, with_hint: bool) -> _Explanation | None:
    """What to say of the use; None where the base image may well have set the name."""
    name, shown = unset.use.name, quoted(unset.use.name)
    if name in PLATFORM_ARGS:
        return _Explanation(f"{shown} is empty in a stage that does not declare it: add 'ARG {name}'", declare=True)
    if not unset.certain and name in names.of_base:
        return None
    lowered = not unset.certain
    if name in names.global_args:
        message = f"{shown} is empty here, only FROM sees what is declared before it: add 'ARG {name}' to the stage"
        related = (Related(names.global_args[name], "this ARG is for FROM lines"),)
        return _Explanation(message, lowered, related, declare=True)
    if name in names.in_stage:
        if not built.step.node.span.holds(names.in_stage[name]):
            message = f"{shown} is used before it is set: move what sets it above this instruction"
            return _Explanation(message, lowered, (Related(names.in_stage[name], "it is set only here"),))
        if not unset.certain:
            return None
        message = f"{shown} has no value yet, only this instruction sets it: leave it out, or set it in one before"
        return _Explanation(message, unset.use.operator in _ALTERNATIVES)
    near = _near(unset, built) if with_hint else None
    if near is not None:
        message = f"{shown} is not set, so it stands for nothing: did you mean {quoted(near)}?"
        return _Explanation(message, unset.use.operator in _ALTERNATIVES, near=near)
    if not unset.certain:
        return None
    if name in _PROCESS_VARIABLES:
        message = f"{shown} is set when a process starts, not for the builder: write the value"
        return _Explanation(message, unset.use.operator in _ALTERNATIVES)
    if name in PROXY_ARGS:
        message = f"{shown} reaches every RUN by itself, but no other instruction: add 'ARG {name}'"
        return _Explanation(message, lowered=True, declare=True)
    if unset.use.operator in _ALTERNATIVES:
        message = f"{shown} is never set, so the text is always the same: declare it with ARG, or write the value"
        return _Explanation(message, lowered=True)
    return _Explanation(f"{shown} is not set, so it stands for nothing: declare it with ARG or ENV, or write the value")


def _near(unset: _UnsetUse, built: BuiltStep) -> str | None:
    """The known name that was probably meant; where the base image is not known, only one that the file has set."""
    before, name = built.step.before, unset.use.name
    if unset.certain:
        return near_name(name, before.environment)
    known = {**before.env, **before.args}
    known.pop("PATH", None)
    return near_name(name, known) if len(name) >= _LONG_NAME else None


class _Text(NamedTuple):
    """The variables in one text that the builder expands.

    The text is a word, or the body of a heredoc that starts at offset `start`. `known` are names that it sees besides
    those before the instruction.
    """

    uses: tuple[VariableUse, ...]
    word: Word | None
    start: int = 0
    known: frozenset[str] = frozenset()

    def span_of(self, use: VariableUse) -> Span:
        """Where the use stands in the file."""
        if self.word is not None:
            return self.word.span_of(use.start, use.end)
        return Span(self.start + use.start, self.start + use.end)


def _unset_uses(step: Step, model: Model) -> Iterator[_UnsetUse]:
    """The uses that nothing has set, those of one name once for each text, as BuildKit reports them."""
    before = step.before
    for text in _texts(step, model):
        for use in first_uses(text.uses):
            if use.name in before.args or use.name in text.known or use.name in _BUILDER_ARGS:
                continue
            if not use.defined:
                yield _UnsetUse(use, text.span_of(use), text.word, certain=True)
            elif use.name not in before.environment and not step.windows:
                yield _UnsetUse(use, text.span_of(use), text.word, certain=False)


def _texts(step: Step, model: Model) -> Iterator[_Text]:
    """The texts of an instruction in which BuildKit looks for unset names (UndefinedVar)."""
    node = step.node
    if isinstance(node, Arg):
        yield from _defaults(node, step, model)
        return
    for field in expanded_fields(node):
        if field.reports_unset and (uses := step.expand(field.word).uses):
            yield _Text(uses, field.word)
    if isinstance(node, Transfer):
        for heredoc in node.heredocs:
            yield _Text(step.expand_body(heredoc).uses, None, heredoc.body.start)
    elif isinstance(node, Run):
        for word in _mount_values(node):
            yield _Text(step.expand(word).uses, word)


def _defaults(node: Arg, step: Step, model: Model) -> Iterator[_Text]:
    """The defaults of an ARG: each sees the names before it, and a build argument takes its place unread."""
    known: set[str] = set()
    for declaration in node.declarations:
        name = declaration.name.text
        if declaration.default is not None and name not in model.options.build_args:
            yield _Text(step.expand(declaration.default).uses, declaration.default, known=frozenset(known))
        known.add(name)


def _mount_values(node: Run) -> Iterator[Word]:
    """The values in the mounts of a RUN, which BuildKit expands one by one."""
    for flag in node.flags:
        if flag.name != "mount" or flag.value is None:
            continue
        fields = split_mount(flag.value.text)
        for field in () if isinstance(fields, Invalid) else fields:
            value = flag.value.part(field.value_start, field.value_end)
            if field.value is not None and value.text == field.value:
                yield value


def _set_in(stage: Stage) -> dict[str, Span]:
    """Where a stage sets its variables, each at the first place."""
    places: dict[str, Span] = {}
    for node in stage.nodes():
        if isinstance(node, Arg):
            for declaration in node.declarations:
                places.setdefault(declaration.name.text, declaration.span)
        elif isinstance(node, Env):
            for pair in node.pairs:
                places.setdefault(pair.key.text, pair.span)
    return places


@rule(
    "DL3044",
    "env-self-reference",
    on=Env,
    severity=Severity.ERROR,
    hadolint=Severity.ERROR,
    supersedes=("DL5005",),
    tags=("variables",),
)
def env_self_reference(node: Env, ctx: RuleContext) -> Iterator[Finding]:
    """An ENV uses a variable that the same ENV sets, so it gets the value from before.

    ## Why
    All variables in an instruction have the values from before it. In `ENV DIR=/srv LOGS=$DIR/logs` DIR is not yet
    set, so LOGS becomes `/logs`, without any error.

    A variable that goes on from its own old value (`PATH=/opt/bin:$PATH`) is meant that way, and not reported; nor is
    one that was set earlier in the stage or its base stages, or `${NAME:+…}`.

    ## Bad
        FROM debian:12.7-slim
        ENV APP_HOME=/srv/app LOG_DIR=$APP_HOME/logs

    ## Good
        FROM debian:12.7-slim
        ENV APP_HOME=/srv/app PATH=/srv/app/bin:$PATH
        ENV LOG_DIR=$APP_HOME/logs

    ## See
    - https://docs.docker.com/reference/dockerfile/#environment-replacement
    """
    if ctx.step is None:
        return
    numbers: dict[str, int] = {}
    for number, pair in enumerate(node.pairs):
        numbers.setdefault(pair.key.text, number)
    for number, pair in enumerate(node.pairs):
        for use in first_uses(ctx.step.expand(pair.value).uses):
            setter = numbers.get(use.name)
            if setter is None or setter == number or ctx.step.before.declares(use.name) or use.operator in _GUARDS:
                continue
            message = f"{quoted(use.name)} is set by this same ENV and has its old value here: set it in an ENV before"
            related = (Related(node.pairs[setter].span, "it is set here, at the same time"),)
            fix = _split(node, number, ctx) if setter < number else None
            yield ctx.finding(pair.value.span_of(use.start, use.end), message, related=related, fix=fix)


def _split(node: Env, number: int, ctx: RuleContext) -> Fix | None:
    """A fix that starts a new ENV at one of the pairs; None where comments come before it, or in an ONBUILD."""
    gap = Span(node.pairs[number - 1].span.end, node.pairs[number].span.start)
    between = ctx.source.slice(gap)
    if ctx.step is None or ctx.step.node is not node or "#" in between:
        return None
    return Fix("set it in an ENV before", Safety.UNSAFE, (Edit(gap, f"\n{node.keyword.text} "),))
