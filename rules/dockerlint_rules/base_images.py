"""Base images and other images a file uses: how exactly they are named, and where they come from."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint.finding import Finding, Severity
from dockerlint.rule import Option, RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import SourceKind, Stage
from dockerlint.syntax.image_references import DEFAULT_DOMAIN, DEFAULT_TAG, ImageReference, parse_image_reference
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import From
from dockerlint_rules._tables import names
from dockerlint_rules._variables import global_declarations, where_from

TRUSTED_REGISTRIES: Option[tuple[str, ...]] = Option(
    "trusted-registries",
    (),
    "Registries that images may come from, such as docker.io, *.example.com, host:5000 or ghcr.io/team; any if empty.",
    setting="trusted-registries",
    pattern=r"(?:[^\s/:]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:/[^\s/:]+)*/?",
    form="a registry such as docker.io, *.example.com, host:5000 or ghcr.io/team",
    example=("docker.io", "*.example.com"),
)

_MAJOR = re.compile(r"v?[0-9]{1,4}")
_DATE = re.compile(r"[0-9]{6}")

#: Tags that are moved from release to release: code names of distributions, channels, and variants without a version.
_MOVING = names(
    """
    alpine bionic bookworm bullseye buster centos current debian dev devel develop edge experimental focal forky fpm
    full impish jammy jdk jre jessie kinetic leap lts lunar main mainline mantic master next nightly noble oldstable
    onbuild oracular plucky preview questing rawhide release rolling sid slim stable stretch testing trixie tumbleweed
    ubuntu unstable wheezy xenial
    """
)

_DOCKER_HUB = frozenset({"hub.docker.com", "index.docker.io", "registry.hub.docker.com", "registry-1.docker.io"})


@rule(
    "DL3006",
    "unpinned-base-image",
    on=Model,
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    supersedes=("DL7031",),
    aliases=("missing-image-version", "KICS-9efb0b2d", "dockerfilelint/missing_tag"),
    tags=("base-image",),
)
def unpinned_base_image(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """A base image has neither a tag nor a digest, so every build may start from another one.

    ## Why
    Without a tag the registry gives what it calls `latest`: today Debian 12, one morning Debian 13. A build that worked
    fails, or works differently, without any change to the file, and nobody can tell from the file what an image
    was made of. A variable counts with its default, since that is what most builds use.

    ## Bad
        FROM debian
    An argument's default is looked at too:

        ARG BASE=node
        FROM ${BASE}

    ## Good
        FROM debian:12.7-slim
    A stage of the file needs no tag:

        ARG BASE=node:22.11-slim
        FROM ${BASE} AS build
        FROM build

    ## See
    - https://docs.docker.com/reference/dockerfile/#from
    - https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
    """
    declarations = global_declarations(model)
    last = {stage.name: stage.index for stage in model.stages}
    for stage, node, reference in _base_images(model):
        if reference.tag or reference.digest:
            continue
        if last.get(reference.familiar_name, 0) > stage.index and not ctx.as_hadolint:
            # That a stage further down is meant is for forward-stage-reference (DL5016) to say.
            continue
        related = where_from(stage.steps[0].expand(node.image).uses, declarations, "the image is named here")
        message = f"base image {_shown(node, stage)} has no tag: write the version you want, or a digest"
        yield ctx.finding(node.image.span, message, related=related)
    if ctx.as_hadolint:
        yield from _untagged_names(model, ctx)


def _untagged_names(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """What hadolint reports besides: texts without a tag that cannot be the name of an image."""
    for stage in model.stages:
        node = stage.node
        if (
            isinstance(node, From)
            and stage.base.kind is SourceKind.INVALID
            and not set("$:@").intersection(node.image.text)
        ):
            message = f"base image {quoted(node.image.text)} has no tag: write the image and the version you want"
            yield ctx.finding(node.image.span, message)


@rule(
    "DL3007",
    "latest-base-image",
    on=Model,
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    supersedes=("DL7031",),
    aliases=("DS-0001", "CKV_DOCKER_7", "KICS-f45ea400", "avoid-latest-version", "DKL-DI-0006"),
    tags=("base-image",),
)
def latest_base_image(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """A base image has the tag `latest`, which moves to every new version.

    ## Why
    `latest` is only a name that its publisher moves along, now and then across a major version. Builds of the same
    file then differ, a local copy may be old while the build server has a new one, and a rollback brings back the
    file but not the image it was built from.

    ## Bad
        FROM node:latest

    ## Good
        FROM node:22.11-slim

    ## See
    - https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
    """
    declarations = global_declarations(model)
    for stage, node, reference in _base_images(model):
        if reference.tag != DEFAULT_TAG or reference.digest:
            continue
        related = where_from(stage.steps[0].expand(node.image).uses, declarations, "the tag is chosen here")
        message = f"base image {_shown(node, stage)} is whatever is newest: write the version you want, or a digest"
        yield ctx.finding(node.image.span, message, related=related)


@rule(
    "DL8035",
    "floating-base-tag",
    on=Model,
    severity=Severity.INFO,
    off=True,
    strict=False,
    tags=("base-image",),
)
def floating_base_tag(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """The tag of a base image only names a major version, or a name that moves along.

    ## Why
    `node:22` becomes another release every other week, `node:lts` another major version every year, and
    `debian:bookworm` is rebuilt all the time. That is often wanted, since fixes come on their own; where two builds of
    one file have to give the same, name the release. The rule is off by default.

    Counted as a major version is a number without a point, as a moving name a code name of a distribution and words
    such as `lts`, `stable` and `slim`. What follows the first `-` says which variant it is and is not looked at,
    unless it holds a date.

    ## Bad
        FROM node:22-slim

    ## Good
        FROM node:22.11.0-slim

    ## See
    - https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
    """
    declarations = global_declarations(model)
    for stage, node, reference in _base_images(model):
        version, *variant = reference.tag.lower().split("-")
        if reference.digest or any(_DATE.match(part) for part in variant):
            continue
        if _MAJOR.fullmatch(version):
            what = "names a major version only"
        elif version in _MOVING or (version == DEFAULT_TAG and variant):
            what = "has a tag that moves along"
        else:
            continue
        related = where_from(stage.steps[0].expand(node.image).uses, declarations, "the tag is chosen here")
        message = f"base image {_shown(node, stage)} {what}: write the release you want"
        yield ctx.finding(node.image.span, message, related=related)


@rule(
    "DL7031",
    "unpinned-digest",
    on=Model,
    severity=Severity.INFO,
    off=True,
    aliases=("dockerfile-source-not-pinned",),
    tags=("security", "base-image"),
)
def unpinned_digest(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """An image is named without its digest, so its content may change under the same tag.

    ## Why
    A tag can be moved: by its publisher for a rebuild, or by whoever got hold of the account. A digest is the hash of
    the image itself, so what was reviewed and scanned is what is built. The price is that updates do not come on
    their own: it only pays with a tool that proposes new digests.

    FROM, `COPY --from`, mounts and the `syntax` directive are looked at.

    ## Bad
        FROM debian:12.7-slim

    ## Good
        FROM debian:12.7-slim@sha256:36e591f228bb9b99348f584e83f16e012c33ba5cad44ef5981a1d7c0a93eca22

    ## See
    - https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
    - https://docs.docker.com/dhi/core-concepts/digests/
    """
    directive = model.dockerfile.directive("syntax")
    if directive is not None:
        frontend = parse_image_reference(directive.value.split(" ")[0])
        if isinstance(frontend, ImageReference) and not frontend.digest:
            message = f"frontend image {quoted(directive.value)} has no digest: add '@sha256:…'"
            yield ctx.finding(directive.value_span, message)
    for stage in model.stages:
        for use in stage.uses:
            reference = use.source.reference
            if reference is not None and not reference.digest:
                message = f"image {quoted(use.word.text)} has no digest: add '@sha256:…'"
                yield ctx.finding(use.word.span, message)


@rule(
    "DL3026",
    "disallowed-registry",
    on=Stage,
    severity=Severity.ERROR,
    hadolint=Severity.ERROR,
    tags=("security", "base-image"),
    options=(TRUSTED_REGISTRIES,),
)
def disallowed_registry(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """An image comes from a registry that the settings do not allow.

    ## Why
    A base image is code that runs with everything you build on it. Teams that mirror or scan what they use want all
    images to come from those places, and a slip (a name without a registry means Docker Hub) is hard to see in review.

    The rule speaks only if `trusted-registries` is set. `*` in a pattern stands for any text; a pattern without a port
    holds for every port, and one with a path for what is below it. FROM, `COPY --from` and mounts are looked at; an
    image whose name depends on an unknown variable is reported with level info.

    ## Bad
    Options: trusted-registries = ["ghcr.io", "*.example.com"]

        FROM debian:12.7-slim

    ## Good
    Options: trusted-registries = ["ghcr.io", "*.example.com"]

        FROM registry.example.com:5000/base/debian:12.7 AS base
        FROM base
        COPY --from=ghcr.io/astral-sh/uv:0.8.13 /uv /bin/uv

    ## See
    - https://docs.docker.com/reference/cli/docker/image/tag/
    - https://docs.docker.com/docker-hub/image-library/trusted-content/
    """
    patterns = ctx.option(TRUSTED_REGISTRIES)
    if not patterns:
        return
    for use in stage.uses:
        if use.source.kind is SourceKind.UNKNOWN:
            message = f"the registry of {quoted(use.word.text)} cannot be checked: give the variable a default"
            yield ctx.finding(use.word.span, message, lower_to=Severity.INFO)
        reference = use.source.reference
        if reference is not None and not any(_is_allowed(reference, pattern) for pattern in patterns):
            where = f"registry {quoted(reference.domain)}"
            message = f"{quoted(use.word.text)} comes from {where}, which is not trusted: take it from one that is"
            yield ctx.finding(use.word.span, message)


def _base_images(model: Model) -> Iterator[tuple[Stage, From, ImageReference]]:
    """The stages that are FROM an image whose name is known."""
    for stage in model.stages:
        reference = stage.base.reference
        if isinstance(stage.node, From) and reference is not None:
            yield stage, stage.node, reference


def _shown(node: From, stage: Stage) -> str:
    """The image as it is resolved, with what is written if that is something else."""
    written, meant = node.image.text, str(stage.base.text)
    return quoted(written) if written == meant else f"{quoted(meant)} ({quoted(written)})"


def _is_allowed(reference: ImageReference, pattern: str) -> bool:
    host, _, path = pattern.rstrip("/").partition("/")
    host = DEFAULT_DOMAIN if host in _DOCKER_HUB else host
    name, colon, port = reference.domain.rpartition(":")
    without_port = name if colon and port.isdigit() else reference.domain
    if not _matches(host, reference.domain) and not _matches(host, without_port):
        return False
    return not path or _matches(path, reference.path) or _matches(f"{path}/*", reference.path)


def _matches(pattern: str, text: str) -> bool:
    """Whether a pattern in which `*` stands for any text is that of the whole text."""
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == text
    *inner, last = rest
    at, end = len(first), len(text) - len(last)
    if end < at or not text.startswith(first) or not text.endswith(last):
        return False
    for part in inner:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True
