"""Stage names: their case, names that mean something else, names that are used twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dockerlint.finding import Edit, Finding, Fix, Related, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import SourceKind, Stage, Use, UseKind
from dockerlint.semantics.uses import is_index
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import From, Word

_RESERVED = {"scratch": "the empty image", "context": "the build context"}


@rule(
    "DL5001",
    "stage-name-not-lowercase",
    on=Model,
    severity=Severity.WARNING,
    aliases=("StageNameCasing",),
    tags=("stages",),
)
def stage_name_not_lowercase(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """A stage name has upper-case letters.

    ## Why
    The builder stores stage names in lower case. `COPY --from` and `--target` find them in any case, but FROM
    compares the name as it is written: `FROM Builder` does not find the stage `Builder`, it asks a registry for an
    image that cannot exist. A name in lower case means the same everywhere.

    ## Bad
        FROM golang:1.24 AS Builder
        RUN go build -o /out/app ./cmd/app
        FROM gcr.io/distroless/static-debian12:nonroot
        COPY --from=Builder /out/app /app

    ## Good
        FROM golang:1.24 AS builder
        RUN go build -o /out/app ./cmd/app
        FROM gcr.io/distroless/static-debian12:nonroot
        COPY --from=builder /out/app /app

    ## See
    - https://docs.docker.com/reference/build-checks/stage-name-casing/
    - https://docs.docker.com/build/building/multi-stage/
    """
    references = _references(model)
    for stage in model.stages:
        node = stage.node
        # BuildKit looks at the third word even of a FROM that it then refuses.
        name = node.arguments[2] if len(node.arguments) == 3 else None
        if name is None or name.text == name.text.lower():
            continue
        lower = name.text.lower()
        fix = None
        if isinstance(node, From):
            words = (name, *(word for word in references.get(stage.index, ()) if word.text != lower))
            fix = Fix(f"rename to {lower}", Safety.SAFE, tuple(Edit(word.span, lower) for word in words))
        message = f"stage name {quoted(name.text)} has upper case, and FROM cannot find it: write {quoted(lower)}"
        yield ctx.finding(name.span, message, fix=fix)


@rule(
    "DL5002",
    "from-as-casing-mismatch",
    on=Stage,
    severity=Severity.WARNING,
    aliases=("FromAsCasing",),
    tags=("stages",),
)
def from_as_casing_mismatch(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """FROM and AS of one line are not in the same case.

    ## Why
    Keywords are accepted in any case, so the case is only there for the reader. `FROM image as name` makes AS look like
    a part of the image's name; one case for both shows at once what is keyword and what is name.

    ## Bad
        FROM debian:12.7-slim as build

    ## Good
        FROM debian:12.7-slim AS build

    ## See
    - https://docs.docker.com/reference/build-checks/from-as-casing/
    """
    node = stage.node
    if len(node.arguments) < 3:
        return
    keyword, word = node.keyword.text, node.arguments[1]
    if keyword == keyword.lower():
        expected, case = word.text.lower(), "lower"
    elif keyword == keyword.upper():
        expected, case = word.text.upper(), "upper"
    else:
        return
    if word.text == expected:
        return
    message = f"{quoted(word.text)} is not in the case of {quoted(keyword)}: write {quoted(expected)} in {case} case"
    fix = Fix(f"write {expected}", Safety.SAFE, (Edit(word.span, expected),))
    yield ctx.finding(word.span, message, fix=fix)


@rule(
    "DL3063",
    "reserved-stage-name",
    on=Stage,
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=("ReservedStageName",),
    tags=("stages",),
)
def reserved_stage_name(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """A stage has the name of something that the builder provides itself.

    ## Why
    `scratch` is the empty image and `context` the files that are sent to the builder. A stage of that name hides them:
    after `FROM debian AS scratch`, BuildKit takes `FROM scratch` for that stage, and an image that was meant to be
    empty has a whole distribution in it. Other builders decide otherwise.

    ## Bad
        FROM debian:12.7-slim AS scratch
        COPY . /src

    ## Good
        FROM debian:12.7-slim AS sources
        COPY . /src

    ## See
    - https://docs.docker.com/reference/build-checks/reserved-stage-name/
    """
    node = stage.node
    if isinstance(node, From) and node.stage_name is not None and stage.name in _RESERVED:
        message = f"stage name {quoted(node.stage_name.text)} means {_RESERVED[stage.name]}: choose another name"
        yield ctx.finding(node.stage_name.span, message)


@rule(
    "DL3024",
    "duplicate-stage-name",
    on=Model,
    severity=Severity.ERROR,
    hadolint=Severity.ERROR,
    aliases=("DuplicateStageName", "DS-0012", "CKV_DOCKER_11", "KICS-f2daed12"),
    tags=("stages",),
)
def duplicate_stage_name(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """Two stages have the same name, so the name means a different stage before and after the second one.

    ## Why
    The case of the letters does not matter, and of several stages with one name the last one wins. `COPY --from` and
    `--target` silently get the later stage, while a FROM between the two still gets the earlier one. Mostly the
    second name is a slip of copy and paste.

    ## Bad
        FROM golang:1.24 AS build
        RUN go build -o /out/server ./cmd/server
        FROM golang:1.24 AS build
        RUN go build -o /out/worker ./cmd/worker
        FROM gcr.io/distroless/static-debian12:nonroot
        COPY --from=build /out/server /server

    ## Good
        FROM golang:1.24 AS build-server
        RUN go build -o /out/server ./cmd/server
        FROM golang:1.24 AS build-worker
        RUN go build -o /out/worker ./cmd/worker
        FROM gcr.io/distroless/static-debian12:nonroot
        COPY --from=build-server /out/server /server

    ## See
    - https://docs.docker.com/reference/build-checks/duplicate-stage-name/
    - https://docs.docker.com/build/building/multi-stage/
    """
    references = _references(model)
    first: dict[str | None, Word] = {}
    for stage in model.stages:
        name = stage.node.stage_name if isinstance(stage.node, From) else None
        if name is None:
            continue
        earlier = first.setdefault(stage.name, name)
        if earlier is not name:
            related = [Related(earlier.span, "the first stage of that name")]
            related += [Related(word.span, "this means the later stage") for word in references.get(stage.index, ())]
            message = f"stage name {quoted(name.text)} is taken: rename one of the stages, the later one wins"
            yield ctx.finding(name.span, message, related=tuple(related))


@rule(
    "DL5018",
    "stage-reference-by-index",
    on=Stage,
    severity=Severity.INFO,
    supersedes=("DL3022",),
    tags=("stages",),
)
def stage_reference_by_index(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """A stage is named by its number, which changes with the stages above it.

    ## Why
    `COPY --from=0` means whatever stage is the first. Once somebody adds a stage above, or swaps two, it copies from
    another one: at best the build fails, at worst there is a file of that name. A name stays, and says what is copied.

    In `RUN --mount=from=0` a number never means a stage: the builder asks the registry for an image called `0`. That
    is an error.

    ## Bad
        FROM golang:1.24
        RUN go build -o /out/app ./cmd/app
        FROM gcr.io/distroless/static-debian12:nonroot
        COPY --from=0 /out/app /app

    ## Good
        FROM golang:1.24 AS build
        RUN go build -o /out/app ./cmd/app
        FROM gcr.io/distroless/static-debian12:nonroot
        COPY --from=build /out/app /app

    ## See
    - https://docs.docker.com/build/building/multi-stage/#name-your-build-stages
    """
    own = {id(node) for node in stage.nodes()}
    for use in stage.uses:
        text = use.word.text
        # What follows ONBUILD names the stages of another file.
        if id(use.node) not in own or not is_index(text):
            continue
        if use.kind is UseKind.MOUNT and use.source.kind is SourceKind.IMAGE:
            message = f"a mount takes {quoted(text)} for the name of an image: give the stage a name, and write that"
            finding = ctx.finding(use.word.span, message, fix=_by_name(int(text), use, ctx))
            yield replace(finding, severity=Severity.ERROR)
        elif use.kind is UseKind.COPY and use.source.kind is SourceKind.STAGE:
            fix = _by_name(int(text), use, ctx)
            hint = f"write {quoted(fix.edits[0].text)}" if fix is not None else "give the stage a name, and write that"
            message = f"{quoted(text)} means another stage as soon as one is added above it: {hint}"
            yield ctx.finding(use.word.span, message, fix=fix)


def _by_name(index: int, use: Use, ctx: RuleContext) -> Fix | None:
    """A fix that writes the name of a stage for its number; None if it has none, or shares it with another stage."""
    stages = ctx.model.stages
    name = stages[index].name if 0 <= index < use.user else None
    if name is None or [stage.name for stage in stages].count(name) > 1:
        return None
    safety = Safety.SAFE if use.kind is UseKind.COPY else Safety.UNSAFE
    return Fix(f"write {name}", safety, (Edit(use.word.span, name),))


def _references(model: Model) -> dict[int, list[Word]]:
    """The words of `--from` and mounts that name a stage, by its index."""
    words: dict[int, list[Word]] = {}
    for user in model.stages:
        for use in user.uses:
            stage = use.source.stage
            if stage is not None and use.kind is not UseKind.FROM and use.word.text.lower() == model.stages[stage].name:
                words.setdefault(stage, []).append(use.word)
    return words
