"""Instructions that have no effect: later ones replace what they set, or nobody gets to see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.finding import Confidence, Edit, Finding, Fix, Related, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import SourceKind, Stage, Step, UseKind
from dockerlint.semantics.state import is_absolute
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.ports import PortSpec, parse_port
from dockerlint.syntax.tree import (
    Arg,
    Cmd,
    Entrypoint,
    Env,
    Expose,
    Form,
    Healthcheck,
    Instruction,
    KeyValues,
    Label,
    Run,
    Shell,
    StartCommand,
    Stopsignal,
    Transfer,
    User,
    Volume,
    Word,
    Workdir,
)
from dockerlint.syntax.words import expand_words
from dockerlint.unknown import Unknown
from dockerlint_rules._edits import delete_instruction
from dockerlint_rules._tables import names
from dockerlint_rules._values import value_of
from dockerlint_rules.stages import TARGETS

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

#: Keys of labels by which the images of build stages are found and removed.
_STAGE_LABELS = names("autodelete builder intermediate stage")


@rule(
    "DL5029",
    "duplicate-key",
    on=Stage,
    needs=(Arg, KeyValues),
    severity=Severity.WARNING,
    aliases=("tally/labels/no-duplicate-keys",),
    tags=("variables",),
)
def duplicate_key(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    r"""A variable or label is set twice, and nothing reads the first value.

    ## Why
    Of two values for one key the later one counts. The first is left over from an edit, or a slip of copy and paste
    where another key was meant: the value that somebody wanted is missing then, without any error.

    Labels are compared over the whole stage, variables of ENV and arguments of ARG as long as no RUN comes between the
    two and no instruction reads the first value.

    ## Bad
        FROM debian:12.7-slim
        ENV CACHE_DIR=/var/cache/app \
            CACHE_DIR=/var/lib/app

    ## Good
        FROM debian:12.7-slim
        ENV CACHE_DIR=/var/cache/app \
            STATE_DIR=/var/lib/app

    ## See
    - https://docs.docker.com/reference/dockerfile/#env
    - https://docs.docker.com/reference/dockerfile/#label
    """
    labels: dict[str, _Setting] = {}
    unread: dict[tuple[type[Instruction], str], _Setting] = {}
    for step in stage.steps[1:]:
        node = step.node
        if isinstance(node, Run):
            unread.clear()
        elif unread and not isinstance(node, StartCommand):
            for name in _NAME.findall(_read_text(node)):
                unread.pop((Env, name), None)
                unread.pop((Arg, name), None)
        for setting in _settings(step):
            if isinstance(node, Label):
                earlier = labels.get(setting.key)
                labels[setting.key] = setting
            else:
                earlier = unread.get((type(node), setting.key))
                unread[type(node), setting.key] = setting
            if earlier is not None:
                yield _twice(earlier, setting, ctx)


class _Setting(NamedTuple):
    """A key that an instruction sets; `span` is that of the key, `whole` that of key and value."""

    key: str
    node: Instruction
    span: Span
    whole: Span


def _settings(step: Step) -> Iterator[_Setting]:
    node = step.node
    if isinstance(node, KeyValues):
        for pair in node.pairs:
            key = value_of(step, pair.key)
            if key:
                yield _Setting(key, node, pair.key.span, pair.span)
    elif isinstance(node, Arg):
        for declaration in node.declarations:
            # Without a default it keeps the value of before.
            if declaration.default is not None:
                yield _Setting(declaration.name.text, node, declaration.name.span, declaration.span)


def _read_text(node: Instruction) -> str:
    """The text of an instruction that may read variables."""
    if isinstance(node, Arg):
        return "\n".join(declaration.default.text for declaration in node.declarations if declaration.default)
    if isinstance(node, KeyValues):
        return "\n".join(pair.value.text for pair in node.pairs)
    return "\n".join((node.line.text, *(heredoc.content for heredoc in node.heredocs)))


def _twice(earlier: _Setting, later: _Setting, ctx: RuleContext) -> Finding:
    where = "in this same instruction" if earlier.node is later.node else "below"
    message = f"{quoted(earlier.key)} is set again {where} before anything reads it: remove this one, or rename it"
    fix = None
    if earlier.node is not later.node and len(tuple(_words(earlier.node))) == 1:
        fix = Fix(f"remove this {earlier.key}", Safety.UNSAFE, (delete_instruction(ctx.source, earlier.node),))
    related = (Related(later.span, "this value counts"),)
    return ctx.finding(earlier.span, message, related=related, fix=fix)


def _words(node: Instruction) -> Iterator[Span]:
    if isinstance(node, KeyValues):
        yield from (pair.span for pair in node.pairs)
    elif isinstance(node, Arg):
        yield from (declaration.span for declaration in node.declarations)


@rule(
    "DL5030",
    "duplicate-exposed-port",
    on=Model,
    needs=(Expose,),
    severity=Severity.INFO,
    tags=("ports",),
)
def duplicate_exposed_port(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """A port is exposed twice.

    ## Why
    The second EXPOSE of a port has no effect. It suggests that there are two services, or was meant for another port
    or protocol: `EXPOSE 53 53/udp` names both.

    What the stages expose that the stage is FROM counts as well.

    ## Bad
        FROM debian:12.7-slim
        EXPOSE 8080 8443
        EXPOSE 8080/tcp

    ## Good
        FROM debian:12.7-slim
        EXPOSE 8080 8443
        EXPOSE 8080/udp

    ## See
    - https://docs.docker.com/reference/dockerfile/#expose
    """
    exposed: list[dict[str, int]] = []
    places: dict[tuple[int, str], Span] = {}
    for stage in model.stages:
        parent = stage.base.stage if stage.base.kind is SourceKind.STAGE else None
        bits = dict(exposed[parent]) if parent is not None and parent < len(exposed) else {}
        for step in stage.steps[1:]:
            for at, word in enumerate(step.node.ports if isinstance(step.node, Expose) else ()):
                port = _port(word, step)
                if port is None:
                    continue
                mask = ((1 << (port.last - port.first + 1)) - 1) << port.first
                before = bits.get(port.protocol, 0)
                if mask & before == mask:
                    earlier = places.get((port.first, port.protocol))
                    related = () if earlier is None else (Related(earlier, "it is exposed here"),)
                    message = f"{quoted(word.text)} is exposed already: remove it, or correct the port"
                    fix = _without(step.node, at, ctx)
                    yield ctx.finding(word.span, message, related=related, fix=fix)
                bits[port.protocol] = before | mask
                places.setdefault((port.first, port.protocol), word.span)
        exposed.append(bits)


def _port(word: Word, step: Step) -> PortSpec | None:
    """The port or range of a word that is exactly one."""
    parts = expand_words(word.text, step.before.environment, escape=step.escape, windows=step.windows).words
    if len(parts) != 1 or isinstance(parts[0].value, Unknown):
        return None
    port = parse_port(parts[0].value)
    return port if isinstance(port, PortSpec) else None


def _without(node: Instruction, at: int, ctx: RuleContext) -> Fix | None:
    """A fix that drops one word of an EXPOSE, or the whole instruction if there is no other."""
    words = node.ports if isinstance(node, Expose) else ()
    if len(words) == 1:
        return Fix("remove the EXPOSE", Safety.SAFE, (delete_instruction(ctx.source, node),))
    span = Span(words[at - 1].span.end, words[at].span.end) if at else Span(words[0].span.start, words[1].span.start)
    if "\n" in ctx.source.slice(span):
        return None
    return Fix("remove the port", Safety.SAFE, (Edit(span, ""),))


@rule(
    "DL5031",
    "overridden-instruction",
    on=Stage,
    needs=(Shell, Stopsignal, User, Workdir),
    severity=Severity.INFO,
    tags=("maintainability",),
)
def overridden_instruction(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """USER, WORKDIR, SHELL or STOPSIGNAL is set again before anything uses it.

    ## Why
    Nothing runs between the two, so the first one has no effect. It is left over from an edit, or the command that
    was to run in between has got to another place, where it runs as another user or in another directory.

    A WORKDIR also makes its directory; it is not reported if the stage names that directory elsewhere.

    ## Bad
        FROM debian:12.7-slim
        USER app
        ENV APP_HOME=/srv/app
        USER root
        RUN apt-get update

    ## Good
        FROM debian:12.7-slim
        ENV APP_HOME=/srv/app
        USER root
        RUN apt-get update

    ## See
    - https://docs.docker.com/reference/dockerfile/#user
    - https://docs.docker.com/reference/dockerfile/#workdir
    """
    text = ""
    pending: dict[type[Instruction], Instruction] = {}
    for step in stage.steps[1:]:
        node = step.node
        for kind in [kind for kind in pending if _uses(node, step, kind)]:
            del pending[kind]
        if not isinstance(node, (User, Workdir, Shell, Stopsignal)):
            continue
        earlier = pending.get(type(node))
        if isinstance(earlier, Workdir):
            text = text or "\n".join(part for other in stage.nodes() for part in _texts(other))
            if _is_named_elsewhere(earlier, text):
                earlier = None
        if earlier is not None:
            related = (Related(node.keyword.span, f"only this {node.name} counts"),)
            message = f"this {node.name} has no effect: it is set again before anything uses it; remove it"
            fix = Fix(f"remove this {node.name}", Safety.UNSAFE, (delete_instruction(ctx.source, earlier),))
            yield ctx.finding(earlier.keyword.span, message, related=related, fix=fix)
        pending[type(node)] = node


def _uses(node: Instruction, step: Step, kind: type[Instruction]) -> bool:
    """Whether an instruction uses what the last one of a kind has set."""
    if kind is Stopsignal:
        return False
    if kind is Shell:
        command = node.command if isinstance(node, (Run, StartCommand, Healthcheck)) else None
        return command is not None and command.form is Form.SHELL
    if isinstance(node, Workdir):
        # The builder makes the directory for the user in force.
        value = value_of(step, node.path)
        return kind is User or value is None or not is_absolute(value, windows=step.windows)
    return isinstance(node, (Run, Transfer, Volume)) or (kind is Workdir and isinstance(node, StartCommand))


def _is_named_elsewhere(node: Workdir, text: str) -> bool:
    """Whether the directory of a WORKDIR is named more than once in the text of its stage."""
    path = node.path.text.strip("\"'").rstrip("/")
    return not path or text.count(path) > 1


def _texts(node: Instruction) -> Iterator[str]:
    yield node.line.text
    yield from (heredoc.content for heredoc in node.heredocs)


@rule(
    "DL5032",
    "ineffective-build-stage-metadata",
    on=Model,
    severity=Severity.INFO,
    confidence=Confidence.MEDIUM,
    tags=("stages",),
    options=(TARGETS,),
)
def ineffective_build_stage_metadata(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """A stage that files are only copied from says how a container of it would run.

    ## Why
    CMD, ENTRYPOINT, EXPOSE, HEALTHCHECK, VOLUME, STOPSIGNAL and LABEL are written into the configuration of an image.
    `COPY --from` takes files only, so those of a build stage are lost: they are noise, or were meant for the final
    stage, which now lacks them.

    Stages that are built on their own with `--target` are to be listed under `targets` in the settings. Labels by
    which the images of build stages are found (`stage`, `builder`, `intermediate`) are not reported.

    ## Bad
        FROM golang:1.24 AS build
        RUN go build -o /out/app ./cmd/app
        EXPOSE 8080
        FROM gcr.io/distroless/static-debian12:nonroot
        COPY --from=build /out/app /app

    ## Good
        FROM golang:1.24 AS build
        RUN go build -o /out/app ./cmd/app
        FROM gcr.io/distroless/static-debian12:nonroot
        EXPOSE 8080
        COPY --from=build /out/app /app

    ## See
    - https://docs.docker.com/build/building/multi-stage/
    """
    if model.target is None:
        return
    targets = {name.lower() for name in ctx.option(TARGETS)}
    bases = {use.source.stage for stage in model.stages for use in stage.uses if use.kind is UseKind.FROM}
    for stage in model.stages[:-1]:
        kept = stage.index in bases or stage is model.target or stage.name in targets
        if kept or stage.index not in model.reachable:
            continue
        for step in stage.steps[1:]:
            if _is_metadata(step):
                node = step.node
                message = f"{node.name} of a stage that is only copied from is lost: move it to the stage that needs it"
                fix = Fix(f"remove this {node.name}", Safety.UNSAFE, (delete_instruction(ctx.source, node),))
                yield ctx.finding(node.keyword.span, message, fix=fix)


def _is_metadata(step: Step) -> bool:
    node = step.node
    if isinstance(node, Label):
        return not any(value_of(step, pair.key) in _STAGE_LABELS for pair in node.pairs)
    return isinstance(node, (Cmd, Entrypoint, Expose, Healthcheck, Volume, Stopsignal))
