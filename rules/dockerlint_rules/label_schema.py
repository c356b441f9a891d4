"""Labels held against a schema from the settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from dockerlint.finding import Finding, Severity
from dockerlint.rule import Option, RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.nearest import did_you_mean
from dockerlint.syntax.tree import From, Label
from dockerlint_rules._label_values import (
    check_email,
    check_hash,
    check_license,
    check_time,
    check_url,
    check_version,
)
from dockerlint_rules._labels import label_keys, labels_of

_NO_SCHEMA: Mapping[str, str] = {}

LABEL_SCHEMA: Option[Mapping[str, str]] = Option(
    "label-schema",
    _NO_SCHEMA,
    "The labels that an image must have, with the kind of each value.",
    setting="label-schema",
    choices=("text", "url", "rfc3339", "semver", "hash", "spdx", "email"),
    example={"org.opencontainers.image.source": "url", "org.opencontainers.image.revision": "hash"},
)
STRICT_LABELS: Option[bool] = Option(
    "strict-labels",
    False,
    "Whether labels that the schema does not have are reported.",
    setting="strict-labels",
)


@rule(
    "DL3049",
    "missing-required-label",
    on=Model,
    severity=Severity.INFO,
    hadolint=Severity.INFO,
    tags=("labels",),
    options=(LABEL_SCHEMA,),
)
def missing_required_label(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """The final image lacks a label that the label schema asks for.

    ## Why
    Registries, scanners and on-call engineers find out from labels whose an image is and which source it was
    built from. A label that only most images have cannot be relied on.

    Labels of the stages that the final one is FROM count; those of stages that files are only copied from do
    not reach the image. The rule does nothing without a label schema.

    ## Bad
    Options: label-schema = {"org.opencontainers.image.source": "url"}

        FROM debian:12.7-slim
        LABEL org.opencontainers.image.title="shop"

    ## Good
    Options: label-schema = {"org.opencontainers.image.source": "url"}

        FROM debian:12.7-slim
        LABEL org.opencontainers.image.source="https://git.example.com/shop"

    ## See
    - https://docs.docker.com/reference/dockerfile/#label
    - https://specs.opencontainers.org/image-spec/annotations/
    """
    schema = ctx.option(LABEL_SCHEMA)
    if not schema or model.target is None:
        return
    present = label_keys(model, model.target)
    if present is None:
        return
    node = model.target.node
    span = node.image.span if isinstance(node, From) else node.keyword.span
    for key in schema:
        if key not in present:
            yield ctx.finding(span, f'the image lacks the label {quoted(key)}: add LABEL {key}="…" to its last stage')


@rule(
    "DL3050",
    "superfluous-label",
    on=Label,
    severity=Severity.INFO,
    hadolint=Severity.INFO,
    tags=("labels",),
    options=(LABEL_SCHEMA, STRICT_LABELS),
)
def superfluous_label(node: Label, ctx: RuleContext) -> Iterator[Finding]:
    """A label is not part of the label schema.

    ## Why
    Where a schema says which labels images have, one outside it is mostly a misspelt one: tools that read the
    right key find nothing. The rule does nothing without `strict-labels` and a label schema.

    ## Bad
    Options: label-schema = {"org.opencontainers.image.title": "text"}
    Options: strict-labels = true

        FROM debian:12.7-slim
        LABEL org.opencontainers.image.titel="shop"

    ## Good
    Options: label-schema = {"org.opencontainers.image.title": "text"}
    Options: strict-labels = true

        FROM debian:12.7-slim
        LABEL org.opencontainers.image.title="shop"

    ## See
    - https://docs.docker.com/reference/dockerfile/#label
    """
    schema = ctx.option(LABEL_SCHEMA)
    if not schema or not ctx.option(STRICT_LABELS) or ctx.step is None:
        return
    for label in labels_of(node, ctx.step):
        if label.key and label.key not in schema:
            hint = did_you_mean(label.key, schema) or ": remove it"
            message = f"label {quoted(label.key)} is not in the label schema{hint}"
            yield ctx.finding(label.pair.key.span, message)


@rule(
    "DL3051",
    "empty-label",
    on=Label,
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    tags=("labels",),
    options=(LABEL_SCHEMA,),
)
def empty_label(node: Label, ctx: RuleContext) -> Iterator[Finding]:
    """A label of the label schema has no value.

    ## Why
    An empty label passes for one that is there, yet tells nothing. Mostly a variable was meant to fill it and
    is not set: an ARG that stands before the first FROM has to be declared again in the stage.

    An ARG without a default is not reported, since the build may give it a value. The rule does nothing without
    a label schema.

    ## Bad
    Options: label-schema = {"org.opencontainers.image.revision": "hash"}

        FROM scratch
        LABEL org.opencontainers.image.revision=""

    ## Good
    Options: label-schema = {"org.opencontainers.image.revision": "hash"}

        FROM scratch
        ARG REVISION
        LABEL org.opencontainers.image.revision="$REVISION"

    ## See
    - https://docs.docker.com/reference/dockerfile/#label
    - https://docs.docker.com/build/building/variables/#scoping
    """
    schema = ctx.option(LABEL_SCHEMA)
    if not schema or ctx.step is None:
        return
    for label in labels_of(node, ctx.step):
        if label.key in schema and label.value == "":
            message = f"label {quoted(label.key or '')} is empty: give it a value"
            yield ctx.finding(label.pair.span, message)


@rule(
    "DL3052",
    "invalid-url-label",
    on=Label,
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    supersedes=("DL8003",),
    tags=("labels",),
    options=(LABEL_SCHEMA,),
)
def invalid_url_label(node: Label, ctx: RuleContext) -> Iterator[Finding]:
    """A label that the label schema wants to be a URL is none.

    ## Why
    Tools turn such labels into links, or fetch what they name. Without a scheme and a host nobody knows where
    to look. The rule does nothing without a label schema.

    ## Bad
    Options: label-schema = {"org.opencontainers.image.url": "url"}

        FROM debian:12.7-slim
        LABEL org.opencontainers.image.url="shop.example.com"

    ## Good
    Options: label-schema = {"org.opencontainers.image.url": "url"}

        FROM debian:12.7-slim
        LABEL org.opencontainers.image.url="https://shop.example.com"

    ## See
    - https://specs.opencontainers.org/image-spec/annotations/
    - https://www.rfc-editor.org/rfc/rfc3986
    """
    return _wrong_values(node, ctx, "url", "a URL", check_url)


@rule(
    "DL3053",
    "invalid-time-label",
    on=Label,
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    supersedes=("DL8003",),
    tags=("labels",),
    options=(LABEL_SCHEMA,),
)
def invalid_time_label(node: Label, ctx: RuleContext) -> Iterator[Finding]:
    """A label that the label schema wants to be a time of RFC 3339 is none.

    ## Why
    Tools sort images by such labels and remove old ones. A time without its zone means another moment to each
    reader, and other forms are read by none of them. The rule does nothing without a label schema.

    ## Bad
    Options: label-schema = {"org.opencontainers.image.created": "rfc3339"}

        FROM debian:12.7-slim
        LABEL org.opencontainers.image.created="2025-03-01 12:00"

    ## Good
    Options: label-schema = {"org.opencontainers.image.created": "rfc3339"}

        FROM debian:12.7-slim
        LABEL org.opencontainers.image.created="2025-03-01T12:00:00Z"

    ## See
    - https://specs.opencontainers.org/image-spec/annotations/
    - https://www.rfc-editor.org/rfc/rfc3339
    """
    return _wrong_values(node, ctx, "rfc3339", "a time of RFC 3339", check_time)


@rule(
    "DL3054",
    "invalid-license-label",
    on=Label,
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    supersedes=("DL8003",),
    tags=("labels",),
    options=(LABEL_SCHEMA,),
)
def invalid_license_label(node: Label, ctx: RuleContext) -> Iterator[Finding]:
    """A label that the label schema wants to be an SPDX license expression is none.

    ## Why
    Tools that check licenses know SPDX identifiers and nothing else: to them "Apache License 2" is no license.
    The rule does nothing without a label schema.

    Expressions with AND, OR and WITH are fine, and so are names of one's own that start with `LicenseRef-`.

    ## Bad
    Options: label-schema = {"org.opencontainers.image.licenses": "spdx"}

        FROM debian:12.7-slim
        LABEL org.opencontainers.image.licenses="Apache License 2"

    ## Good
    Options: label-schema = {"org.opencontainers.image.licenses": "spdx"}

        FROM debian:12.7-slim
        LABEL org.opencontainers.image.licenses="Apache-2.0 OR MIT"

    ## See
    - https://specs.opencontainers.org/image-spec/annotations/
    - https://spdx.org/licenses/
    """
    return _wrong_values(node, ctx, "spdx", "an SPDX license expression", check_license)


@rule(
    "DL3055",
    "invalid-hash-label",
    on=Label,
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    tags=("labels",),
    options=(LABEL_SCHEMA,),
)
def invalid_hash_label(node: Label, ctx: RuleContext) -> Iterator[Finding]:
    """A label that the label schema wants to be a git hash is none.

    ## Why
    The hash leads from an image in production to the sources it was built from. A branch or a tag moves on, and
    then it leads somewhere else. The rule does nothing without a label schema.

    ## Bad
    Options: label-schema = {"org.opencontainers.image.revision": "hash"}

        FROM debian:12.7-slim
        LABEL org.opencontainers.image.revision="main"

    ## Good
    Options: label-schema = {"org.opencontainers.image.revision": "hash"}

        FROM debian:12.7-slim
        LABEL org.opencontainers.image.revision="43c98d1"

    ## See
    - https://specs.opencontainers.org/image-spec/annotations/
    """
    return _wrong_values(node, ctx, "hash", "a git hash", check_hash)


@rule(
    "DL3056",
    "invalid-version-label",
    on=Label,
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    tags=("labels",),
    options=(LABEL_SCHEMA,),
)
def invalid_version_label(node: Label, ctx: RuleContext) -> Iterator[Finding]:
    """A label that the label schema wants to be a semantic version is none.

    ## Why
    Tools that look for newer images compare versions by the rules of SemVer, and skip what does not follow
    them. The rule does nothing without a label schema.

    ## Bad
    Options: label-schema = {"org.opencontainers.image.version": "semver"}

        FROM debian:12.7-slim
        LABEL org.opencontainers.image.version="v1.4"

    ## Good
    Options: label-schema = {"org.opencontainers.image.version": "semver"}

        FROM debian:12.7-slim
        LABEL org.opencontainers.image.version="1.4.0"

    ## See
    - https://specs.opencontainers.org/image-spec/annotations/
    - https://semver.org/
    """
    return _wrong_values(node, ctx, "semver", "a semantic version", check_version)


@rule(
    "DL3058",
    "invalid-email-label",
    on=Label,
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    tags=("labels",),
    options=(LABEL_SCHEMA,),
)
def invalid_email_label(node: Label, ctx: RuleContext) -> Iterator[Finding]:
    """A label that the label schema wants to be an email address is none.

    ## Why
    Whoever finds a flaw in an image wants to tell somebody. The label must be an address alone, so that a tool
    can write to it. The rule does nothing without a label schema.

    ## Bad
    Options: label-schema = {"com.example.contact": "email"}

        FROM debian:12.7-slim
        LABEL com.example.contact="Shop Team <shop@example.com>"

    ## Good
    Options: label-schema = {"com.example.contact": "email"}

        FROM debian:12.7-slim
        LABEL com.example.contact="shop@example.com"

    ## See
    - https://docs.docker.com/reference/dockerfile/#label
    - https://www.rfc-editor.org/rfc/rfc5322#section-3.4.1
    """
    return _wrong_values(node, ctx, "email", "an email address", check_email)


def _wrong_values(
    node: Label, ctx: RuleContext, kind: str, what: str, check: Callable[[str], str | None]
) -> Iterator[Finding]:
    """A finding for each label of a kind whose value is known, not empty, and not of that kind."""
    schema = ctx.option(LABEL_SCHEMA)
    if kind not in schema.values() or ctx.step is None:
        return
    for label in labels_of(node, ctx.step):
        if label.key is None or schema.get(label.key) != kind or not label.value:
            continue
        wrong = check(label.value)
        if wrong is not None:
            message = f"label {quoted(label.key)} must be {what}: {quoted(label.value)} {wrong}"
            yield ctx.finding(label.pair.value.span, message)
