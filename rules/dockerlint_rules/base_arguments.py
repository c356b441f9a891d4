"""Variables in FROM: names that no FROM can see, and defaults that do not make an image."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Finding, Related, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import Stage
from dockerlint.semantics.state import Environment, Value
from dockerlint.source import Span
from dockerlint.syntax.image_references import parse_image_reference
from dockerlint.syntax.invalid import Invalid, quoted
from dockerlint.syntax.tree import Arg, From, Word
from dockerlint.syntax.words import expand
from dockerlint.unknown import Unknown
from dockerlint_rules._variables import MOST_HINTS, first_uses, global_declarations, near_name, rename, where_from


@rule(
    "DL5006",
    "undeclared-from-argument",
    on=Model,
    severity=Severity.WARNING,
    supersedes=("DL5007",),
    aliases=("UndefinedArgInFrom",),
    tags=("base-image",),
)
def undeclared_from_argument(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """FROM uses a variable that no ARG before the first FROM declares.

    ## Why
    FROM sees only the arguments above the first FROM and the platform variables of the builder (`TARGETPLATFORM`,
    `BUILDARCH` …). An ARG or ENV inside a stage belongs to that stage. Any other name is empty, whatever `--build-arg`
    says, so that the image gets another name than was meant, or none at all.

    ## Bad
        FROM golang:1.24 AS build
        ARG VERSION=12.7
        FROM debian:${VERSION}-slim

    ## Good
        ARG VERSION=12.7
        FROM golang:1.24 AS build
        FROM debian:${VERSION}-slim

    ## See
    - https://docs.docker.com/reference/build-checks/undefined-arg-in-from/
    - https://docs.docker.com/reference/dockerfile/#understand-how-arg-and-from-interact
    """
    inside: dict[str, Span] = {}
    known = dict.fromkeys((*model.globals.environment, *model.globals.args))
    count = 0
    for stage in model.stages:
        for word in _expanded_words(stage):
            uses = stage.steps[0].expand(word).uses
            for use in first_uses(uses):
                if use.name in known:
                    continue
                count += 1
                near = near_name(use.name, known) if count <= MOST_HINTS else None
                place = inside.get(use.name)
                yield ctx.finding(
                    word.span_of(use.start, use.end),
                    _undeclared(use.name, near, in_stage=place is not None),
                    related=() if place is None else (Related(place, "this ARG belongs to its stage"),),
                    fix=None if near is None or place is not None else rename(word, uses, use.name, near),
                )
        for node in stage.nodes():
            if isinstance(node, Arg):
                inside |= {declaration.name.text: declaration.span for declaration in node.declarations}


def _expanded_words(stage: Stage) -> Iterator[Word]:
    """What FROM expands: the image, and the platform."""
    if isinstance(stage.node, From):
        yield stage.node.image
        flag = stage.node.flag("platform")
        if flag is not None and flag.value is not None:
            yield flag.value


def _undeclared(name: str, near: str | None, *, in_stage: bool) -> str:
    if in_stage:
        return f"{quoted(name)} is declared inside a stage, where no FROM sees it: move the ARG above the first FROM"
    if near is not None:
        return f"{quoted(name)} is not declared above the first FROM: did you mean {quoted(near)}?"
    return f"{quoted(name)} is not declared: add 'ARG {name}' above the first FROM"


@rule(
    "DL5007",
    "invalid-default-base-image",
    on=Model,
    severity=Severity.WARNING,
    aliases=("InvalidDefaultArgInFrom",),
    tags=("base-image",),
)
def invalid_default_base_image(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """Without build arguments, FROM resolves to nothing or to something that is no image.

    ## Why
    An argument without a default is empty unless `--build-arg` sets it. `FROM debian:${TAG}` then asks for `debian:`,
    which cannot exist, and whoever builds the file without knowing the argument gets an error about a malformed name. A
    default makes the file build on its own and shows what kind of value is expected.

    Where the argument must be given, say so: `FROM ${BASE:?name the base image}` stops with that text, and is not
    reported.

    ## Bad
        ARG TAG
        FROM debian:${TAG}

    ## Good
        ARG TAG=12.7-slim
        FROM debian:${TAG}

    ## See
    - https://docs.docker.com/reference/build-checks/invalid-default-arg-in-from/
    - https://docs.docker.com/reference/dockerfile/#understand-how-arg-and-from-interact
    """
    environment = _default_environment(model)
    if environment is None:
        return
    declarations = global_declarations(model)
    for stage in model.stages:
        if not isinstance(stage.node, From):
            return
        if stage.base.reference is not None and not model.options.build_args:
            # No build argument hides what the defaults make of it, which is a good name.
            continue
        word = stage.node.image
        expansion = expand(word.text, environment, escape=model.dockerfile.escape)
        if expansion.error is not None:
            # BuildKit looks no further than the first FROM that it cannot expand.
            return
        if isinstance(expansion.value, Unknown) or not isinstance(parse_image_reference(expansion.value), Invalid):
            continue
        related = where_from(expansion.uses, declarations, "give this argument a default")
        what = f"to {quoted(expansion.value)}, which is no image" if expansion.value else "to nothing"
        message = f"{quoted(word.text)} resolves {what}, unless build arguments are given: add a default"
        if not expansion.uses:
            message = f"{quoted(word.text)} is no image: correct the name"
        yield ctx.finding(word.span, message, related=related)


def _default_environment(model: Model) -> Environment | None:
    """The variables that FROM sees without build arguments, or None if a default cannot be expanded."""
    if not model.options.build_args:
        return model.globals.environment
    environment = model.global_steps[0].before.environment if model.global_steps else model.globals.environment
    for step in model.global_steps:
        for declaration in step.node.declarations if isinstance(step.node, Arg) else ():
            if declaration.default is not None:
                expansion = expand(declaration.default.text, environment, escape=step.escape)
                if expansion.error is not None:
                    return None
                value: dict[str, Value] = {declaration.name.text: expansion.value}
                environment = environment.with_values(value)
    return environment
