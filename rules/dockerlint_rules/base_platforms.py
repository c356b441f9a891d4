"""`FROM --platform`: constants that tie a file to one platform, what goes without saying, and what cannot be had."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.platforms import platform_args
from dockerlint.semantics.stages import Stage
from dockerlint.source import Span
from dockerlint.syntax.invalid import Invalid, quoted
from dockerlint.syntax.platforms import Platform, parse_platform
from dockerlint.syntax.tree import Flag, From
from dockerlint_rules._values import value_of

_TARGET_PLATFORM = "TARGETPLATFORM"

#: What the builder and the user of a file choose, not the file.
_CHOSEN = frozenset(platform_args("linux/amd64", "linux/amd64", ""))


@rule(
    "DL3029",
    "constant-platform",
    on=Stage,
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=(
        "FromPlatformFlagConstDisallowed",
        "KICS-b16e8501",
        "avoid-platform-with-from",
    ),
    tags=("base-image",),
)
def constant_platform(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """FROM names one fixed platform, so the file cannot be built for any other.

    ## Why
    With `--platform=linux/amd64` every build gets an amd64 base, also one that asks for arm64: the image claims to be
    what it is not, and runs under emulation or not at all. Who builds chooses the platform (`docker build
    --platform`), and `$BUILDPLATFORM` is there for stages that cross-compile.

    A stage whose name says that it is about one system or architecture (`AS build-amd64`) is not reported.

    ## Bad
        FROM --platform=linux/amd64 golang:1.24 AS build

    ## Good
        FROM --platform=$BUILDPLATFORM golang:1.24 AS build
        FROM --platform=linux/arm64 debian:12.7-slim AS runtime-arm64

    ## See
    - https://docs.docker.com/reference/build-checks/from-platform-flag-const-disallowed/
    - https://docs.docker.com/build/building/multi-platform/
    """
    node = stage.node
    flag = node.flag("platform")
    if flag is None or flag.value is None or not isinstance(node, From):
        return
    expansion = stage.steps[0].expand(flag.value)
    if expansion.uses or not isinstance(expansion.value, str):
        return
    platform = parse_platform(expansion.value)
    if isinstance(platform, Invalid):
        return
    # What a bare `linux` or `amd64` leaves open is that of the builder.
    system, _, architecture = ctx.model.options.build_platform.partition("/")
    named = (platform.system or system, platform.architecture or architecture.partition("/")[0])
    if stage.name is not None and any(word in stage.name for word in named):
        return
    message = f"platform {quoted(expansion.value)} is fixed for all builds: drop the flag, and choose it when you build"
    fix = _without_flag(node, flag, ctx, Safety.UNSAFE)
    yield ctx.finding(flag.span, message, fix=fix)


@rule(
    "DL3065",
    "redundant-target-platform",
    on=Stage,
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=("RedundantTargetPlatform",),
    tags=("base-image",),
)
def redundant_target_platform(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """`--platform=$TARGETPLATFORM` asks for what FROM does anyway.

    ## Why
    Without the flag a base image is taken for the platform that is built for, which is what TARGETPLATFORM holds. The
    flag says nothing, but a reader stops and wonders what is special about this stage.

    ## Bad
        FROM --platform=$TARGETPLATFORM debian:12.7-slim

    ## Good
        FROM debian:12.7-slim

    ## See
    - https://docs.docker.com/reference/build-checks/redundant-target-platform/
    """
    flag = stage.node.flag("platform")
    if flag is None or flag.value is None or not isinstance(stage.node, From):
        return
    expansion = stage.steps[0].expand(flag.value)
    target = ctx.model.globals.environment.get(_TARGET_PLATFORM)
    if {use.name for use in expansion.uses} != {_TARGET_PLATFORM} or expansion.value != target:
        return
    if target == ctx.model.options.platform:
        message = f"{quoted(flag.value.text)} is the platform that FROM takes anyway: drop the flag"
        yield ctx.finding(flag.span, message, fix=_without_flag(stage.node, flag, ctx, Safety.SAFE))
    else:
        message = f"{quoted(flag.value.text)} is not what is built for, since an ARG of the file sets it: drop that ARG"
        yield ctx.finding(flag.span, message)


@rule(
    "DL5013",
    "base-platform-mismatch",
    on=Stage,
    severity=Severity.WARNING,
    aliases=("InvalidBaseImagePlatform", "tally/platform-mismatch"),
    tags=("base-image",),
)
def base_platform_mismatch(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """FROM asks for a platform that the base image is not made for.

    ## Why
    The builder looks for the platform among those that the registry offers. Where it is missing the build stops with
    `no match for platform in manifest`; an image without such a list is taken all the same, and its programs do not
    start, or only under emulation.

    It is reported for images whose platforms are all known without asking a registry, such as the official images in
    the accounts for one architecture (`arm64v8/debian`), and only where the file itself chooses the platform: what
    `$BUILDPLATFORM` and `$TARGETPLATFORM` hold is up to who builds.

    ## Bad
        FROM --platform=linux/amd64 arm64v8/debian:12.7-slim

    ## Good
        FROM --platform=linux/arm64 arm64v8/debian:12.7-slim

    ## See
    - https://docs.docker.com/reference/build-checks/invalid-base-image-platform/
    - https://docs.docker.com/build/building/multi-platform/
    """
    flag, facts = stage.node.flag("platform"), stage.base.facts
    if flag is None or flag.value is None or facts is None or not facts.platforms:
        return
    step = stage.steps[0]
    value = value_of(step, flag.value)
    if value is None or any(use.name in _CHOSEN for use in step.expand(flag.value).uses):
        return
    asked = parse_platform(value)
    if isinstance(asked, Invalid) or any(_fits(asked, parse_platform(offered)) for offered in facts.platforms):
        return
    offers = ", ".join(map(quoted, facts.platforms))
    what = f"{quoted(str(stage.base.text))} is made for {offers} only, not for {quoted(value)}"
    yield ctx.finding(flag.value.span, f"{what}: ask for a platform that it has, or take another image")


def _fits(asked: Platform, offered: Platform | Invalid) -> bool:
    """Whether the one may be the other; what either leaves open fits, as does a platform that cannot be read."""
    if isinstance(offered, Invalid):
        return True
    return all(not mine or not theirs or mine == theirs for mine, theirs in zip(asked, offered, strict=True))


def _without_flag(node: From, flag: Flag, ctx: RuleContext, safety: Safety) -> Fix | None:
    """A fix that takes out a flag and the blanks after it; None where more than blanks follows."""
    starts = [node.image.span.start, *(other.span.start for other in node.flags)]
    span = Span(flag.span.start, min(start for start in starts if start > flag.span.start))
    between = ctx.source.text[flag.span.end : span.end]
    return None if between.strip(" \t") else Fix("remove the flag", safety, (Edit(span, ""),))
