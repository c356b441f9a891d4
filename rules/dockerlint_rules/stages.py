"""What stages take from each other and from other images: unused stages, unknown names, copies of a whole system."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dockerlint.finding import Confidence, Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import Option, RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import FileSource, SourceKind, Stage, Step, UseKind
from dockerlint.semantics.state import join_path
from dockerlint.syntax.image_references import DEFAULT_TAG
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.paths import clean_path
from dockerlint.syntax.tree import Copy, From, Instruction, Onbuild, Run, Transfer, Word, Workdir
from dockerlint.unknown import Unknown
from dockerlint_rules._variables import MOST_HINTS, near_name

TARGETS: Option[tuple[str, ...]] = Option(
    "targets",
    (),
    "Names of stages that are built on their own with --target, and so are needed though no other stage uses them.",
    setting="targets",
    example=("test", "docs"),
)

#: Images from scratch with nothing but the files that one is to copy out of them.
_FILES_ONLY = frozenset({"tonistiigi/xx"})


@rule(
    "DL3022",
    "unknown-copy-stage",
    on=Model,
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    supersedes=("DL7031",),
    aliases=("KICS-68a51e22",),
    tags=("stages",),
)
def unknown_copy_stage(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """`--from` names neither a stage of this file nor, beyond doubt, an image.

    ## Why
    A bare word after `--from=` that is no stage is taken for an image of Docker Hub with the tag `latest`. A misspelt
    stage name thus ends in a download: at best the build fails because there is no such image, at worst there is one,
    and its files end up in yours. The same goes for `from=` of a mount.

    Where an image is meant, write it with its tag or registry: `--from=nginx:1.27`. What else `--build-context`
    provides can be listed in the settings (`named-contexts`).

    ## Bad
        FROM golang:1.24 AS builder
        RUN go build -o /out/app ./cmd/app
        FROM gcr.io/distroless/static-debian12:nonroot
        COPY --from=bulider /out/app /app

    ## Good
        FROM golang:1.24 AS builder
        RUN go build -o /out/app ./cmd/app
        FROM gcr.io/distroless/static-debian12:nonroot
        COPY --from=builder /out/app /app
        COPY --from=busybox:1.37 /bin/wget /wget

    ## See
    - https://docs.docker.com/reference/dockerfile/#copy---from
    - https://docs.docker.com/build/building/multi-stage/
    """
    earlier: list[str] = []
    count = 0
    for stage in model.stages:
        own = {id(node) for node in stage.nodes()}
        for use in stage.uses:
            name = use.word.text
            # What follows ONBUILD names the stages of another file.
            if use.source.kind is not SourceKind.IMAGE or id(use.node) not in own or not _is_bare(name):
                continue
            count += 1
            near = near_name(name.lower(), earlier) if count <= MOST_HINTS else None
            if near is None:
                message = f"{quoted(name)} is no stage above: correct it, or write an image with its tag, '{name}:TAG'"
                yield ctx.finding(use.word.span, message)
                continue
            fix = Fix(f"write {near}", Safety.UNSAFE, (Edit(use.word.span, near),))
            message = f"{quoted(name)} is no stage above, so it is taken for an image: did you mean {quoted(near)}?"
            yield ctx.finding(use.word.span, message, fix=fix)
        if stage.name is not None:
            earlier.append(stage.name)


@rule(
    "DL5023",
    "unpinned-external-source",
    on=Stage,
    severity=Severity.WARNING,
    supersedes=("DL7031",),
    tags=("stages",),
)
def unpinned_external_source(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """Files are taken from an image without a tag, or with the tag `latest`.

    ## Why
    `COPY --from=image` and mounts download an image just as FROM does. Without a tag the newest one is taken, so two
    builds of one file may get different programs, and nothing in the file tells which version went into an image.

    ## Bad
        FROM python:3.13-slim
        COPY --from=ghcr.io/astral-sh/uv /uv /bin/uv

    ## Good
        FROM python:3.13-slim
        COPY --from=ghcr.io/astral-sh/uv:0.8.13 /uv /bin/uv

    ## See
    - https://docs.docker.com/reference/dockerfile/#copy---from
    - https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
    """
    for use in stage.uses:
        reference = use.source.reference
        if use.kind is UseKind.FROM or reference is None or reference.digest or _is_bare(use.word.text):
            continue
        if not reference.tag:
            message = f"image {quoted(use.word.text)} has no tag: write the version you want, or a digest"
            yield ctx.finding(use.word.span, message)
        elif reference.tag == DEFAULT_TAG:
            message = f"image {quoted(use.word.text)} is whatever is newest: write the version you want, or a digest"
            yield ctx.finding(use.word.span, message)


@rule(
    "DL5014",
    "unreachable-stage",
    on=Model,
    severity=Severity.WARNING,
    aliases=("tally/no-unreachable-stages",),
    tags=("stages",),
    options=(TARGETS,),
)
def unreachable_stage(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """No build of the file needs this stage.

    ## Why
    The builder runs only the stages that the target needs: those behind its FROM, `COPY --from` and mounts. A stage
    that nothing needs is never built, so what it installs, tests or checks does not happen, and nobody notices when
    it breaks.

    A stage that has a name may be a target of its own (`docker build --target test`): list it under `targets` in the
    settings. It is reported with level info.

    ## Bad
        FROM golang:1.24 AS build
        RUN go build -o /out/app ./cmd/app
        FROM build
        RUN go test ./...
        FROM gcr.io/distroless/static-debian12:nonroot
        COPY --from=build /out/app /app

    ## Good
        FROM golang:1.24 AS build
        RUN go test ./...
        RUN go build -o /out/app ./cmd/app
        FROM gcr.io/distroless/static-debian12:nonroot
        COPY --from=build /out/app /app

    ## See
    - https://docs.docker.com/build/building/multi-stage/
    - https://docs.docker.com/reference/cli/docker/buildx/build/#target
    """
    if model.target is None:
        return
    targets = {name.lower() for name in ctx.option(TARGETS)}
    # The last stage is what a build without a target makes, also where the settings name a target.
    needed = _needed(model, {model.target.index, len(model.stages) - 1}, targets)
    for stage in model.stages:
        if stage.index in needed:
            continue
        node = stage.node
        if isinstance(node, From) and node.stage_name is not None:
            name = quoted(node.stage_name.text)
            message = (
                f"no stage that is built uses {name}: use it, remove it, or list it in 'targets' if it is a target"
            )
            yield ctx.finding(node.stage_name.span, message, lower_to=Severity.INFO, confidence=Confidence.MEDIUM)
        else:
            message = f"stage {stage.index} is never built: nothing needs it, and it has no name; use it, or remove it"
            yield ctx.finding(node.keyword.span, message)


@rule(
    "DL3067",
    "whole-filesystem-copied",
    on=Model,
    needs=(Copy,),
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    tags=("copy",),
)
def whole_filesystem_copied(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """The whole file system of another stage or image is copied over that of this stage.

    ## Why
    `COPY --from=build / /` brings along everything that stage has: compilers, caches, package databases, keys. It
    also overwrites the files of the base image with others of the same name, for example its shared libraries and the
    list of what is installed, so that the package manager and scanners no longer tell the truth.

    As the first step on `scratch` it flattens an image into one layer. That is reported with level info: it loses
    the configuration (ENV, USER, ENTRYPOINT …) and the layers that images could share.

    Not reported are sources that hold no system: a stage on `scratch` into which nothing but chosen files was copied,
    and the cross-compilation helpers of `tonistiigi/xx`, which are meant to be copied this way.

    ## Bad
        FROM debian:12.7-slim AS build
        RUN make install
        FROM debian:12.7-slim
        COPY --from=build / /

    ## Good
        FROM debian:12.7-slim AS build
        RUN make install
        FROM debian:12.7-slim
        COPY --from=build /usr/local/ /usr/local/

    ## See
    - https://docs.docker.com/reference/dockerfile/#copy---from
    - https://docs.docker.com/build/building/multi-stage/
    """
    with_system = _stages_with_system(model)
    for stage in model.stages:
        sources = {use.node: use.source for use in stage.uses if use.kind is UseKind.COPY}
        for step in stage.steps:
            node = step.node.trigger if isinstance(step.node, Onbuild) else step.node
            word = _everything(node, step)
            if not isinstance(node, Copy) or word is None or not _ends_at_root(node.destination, step):
                continue
            used = sources.get(node)
            if used is not None and not _has_system(used, with_system):
                continue
            if _is_first_on_scratch(node, stage):
                message = f"{quoted(word.text)} puts a whole system into one layer, without its configuration"
                yield ctx.finding(word.span, message, lower_to=Severity.INFO)
            else:
                message = f"{quoted(word.text)} is copied over the whole file system: name the folders that are needed"
                yield ctx.finding(word.span, message)


def _is_bare(name: str) -> bool:
    """Whether a name shows no sign of being that of an image."""
    return not any(char in name for char in "/:@")


def _needed(model: Model, roots: set[int], targets: set[str]) -> set[int]:
    """The indexes of the stages behind some stages and behind the named targets."""
    needed: set[int] = set()
    todo = [*roots, *(stage.index for stage in model.stages if stage.name in targets)]
    while todo:
        index = todo.pop()
        if index not in needed:
            needed.add(index)
            todo += [use.source.stage for use in model.stages[index].uses if use.source.stage is not None]
    return needed


def _everything(node: Instruction | None, step: Step) -> Word | None:
    """The first source of a COPY from a stage or image that is the root directory, or all that is in it."""
    if not isinstance(node, Copy) or node.flag("from") is None:
        return None
    for source in node.sources:
        value = step.expand(source).value
        if not isinstance(value, Unknown) and clean_path(f"/{value}") in ("/", "/*"):
            return source
    return None


def _stages_with_system(model: Model) -> tuple[bool, ...]:
    """Which stages hold a whole system: that of their base image, or one that was copied into them."""
    found: list[bool] = []
    for stage in model.stages:
        copied = any(_everything(step.node, step) is not None for step in stage.steps)
        found.append(copied or _has_system(stage.base, found))
    return tuple(found)


def _has_system(source: FileSource, with_system: Sequence[bool]) -> bool:
    """Whether a stage or image holds more than chosen files; `with_system` tells of the stages, as far as needed."""
    if source.kind is SourceKind.STAGE and source.stage is not None:
        return with_system[source.stage]
    named = source.reference is not None and source.reference.familiar_name in _FILES_ONLY
    return not named and source.kind is not SourceKind.SCRATCH


def _ends_at_root(destination: Word, step: Step) -> bool:
    """Whether a destination is the root directory, written as such or as the working directory."""
    value = step.expand(destination).value
    path = value if isinstance(value, Unknown) else join_path(step.before.workdir, value, windows=step.windows)
    return isinstance(path, str) and clean_path(path) == "/"


def _is_first_on_scratch(node: Copy, stage: Stage) -> bool:
    """Whether an instruction is the first that writes files in a stage that is FROM scratch."""
    first = next((other for other in stage.nodes() if isinstance(other, (Run, Transfer, Workdir))), None)
    return stage.base.kind is SourceKind.SCRATCH and first is node
