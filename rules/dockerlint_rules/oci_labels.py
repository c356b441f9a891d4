"""Labels in the name spaces of the Open Container Initiative and of its forerunner."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.nearest import nearest
from dockerlint.syntax.tree import Label, Word
from dockerlint_rules._label_values import check_license, check_time, check_url
from dockerlint_rules._labels import LabelValue, labels_of
from dockerlint_rules._tables import names

_OCI = "org.opencontainers.image."
_SCHEMA = "org.label-schema."

_KEYS = names(
    """
    authors base.digest base.name created description documentation licenses ref.name revision source title url vendor
    version
    """
)
_DIGEST = re.compile(r"sha(?:256:[0-9a-f]{64}|384:[0-9a-f]{96}|512:[0-9a-f]{128})")


def _check_digest(value: str) -> str | None:
    return None if _DIGEST.fullmatch(value) else "is no digest such as 'sha256:…' with 64 hexadecimal digits"


_CHECKS: Mapping[str, Callable[[str], str | None]] = MappingProxyType(
    {
        "base.digest": _check_digest,
        "created": check_time,
        "documentation": check_url,
        "licenses": check_license,
        "source": check_url,
        "url": check_url,
    }
)

#: The keys of Label Schema and their successors; blank where there is none.
_SUCCESSORS = MappingProxyType(
    {
        "build-date": "created",
        "description": "description",
        "license": "licenses",
        "name": "title",
        "schema-version": "",
        "url": "url",
        "usage": "documentation",
        "vcs-ref": "revision",
        "vcs-url": "source",
        "vendor": "vendor",
        "version": "version",
    }
)


@rule(
    "DL8003",
    "invalid-oci-label-value",
    on=Label,
    severity=Severity.WARNING,
    aliases=("tally/labels/no-stale-base-digest",),
    tags=("labels",),
)
def invalid_oci_label_value(node: Label, ctx: RuleContext) -> Iterator[Finding]:
    r"""A label of the OCI does not have a value of the kind that its specification asks for.

    ## Why
    Registries, scanners and update tools read `org.opencontainers.image.*`: they link the source, compare dates, and
    look for licenses that a company does not allow. A value that they cannot read is ignored without a word, and so
    is a key that is misspelt.

    Looked at are the values of `created` (a time of RFC 3339), `licenses` (an SPDX expression), `url`, `source` and
    `documentation` (URLs) and `base.digest`. Empty values, and those that a build argument gives, are not.

    ## Bad
        FROM debian:12.7-slim
        LABEL org.opencontainers.image.created="1 March 2025" \
              org.opencontainers.image.licenses="Apache 2"

    ## Good
        FROM debian:12.7-slim
        LABEL org.opencontainers.image.created="2025-03-01T12:00:00Z" \
              org.opencontainers.image.licenses="Apache-2.0"

    ## See
    - https://github.com/opencontainers/image-spec/blob/main/annotations.md
    """
    if ctx.step is None:
        return
    for label in labels_of(node, ctx.step):
        if label.key is None or not label.key.startswith(_OCI):
            continue
        name = label.key.removeprefix(_OCI)
        if name not in _KEYS:
            yield _unknown_key(label, name, ctx)
            continue
        check = _CHECKS.get(name)
        wrong = check(label.value) if check is not None and label.value else None
        if wrong is not None:
            yield ctx.finding(
                label.pair.value.span, f"value {quoted(label.value or '')} of {quoted(label.key)} {wrong}"
            )


def _unknown_key(label: LabelValue, name: str, ctx: RuleContext) -> Finding:
    near = nearest(name, sorted(_KEYS))
    shown = f"{quoted(label.key or '')} is no key of the OCI"
    if near is None:
        return ctx.finding(label.pair.key.span, f"{shown}: use a name space of your own")
    fix = _renamed(label.pair.key, _OCI + name, _OCI + near, Safety.UNSAFE)
    return ctx.finding(label.pair.key.span, f"{shown}: did you mean {quoted(_OCI + near)}?", fix=fix)


@rule(
    "DL8004",
    "deprecated-label-namespace",
    on=Label,
    severity=Severity.INFO,
    tags=("labels",),
)
def deprecated_label_namespace(node: Label, ctx: RuleContext) -> Iterator[Finding]:
    """A label of Label Schema is used, which the labels of the OCI have replaced.

    ## Why
    `org.label-schema.*` was given up in 2019 in favour of `org.opencontainers.image.*`. Newer tools read only the
    latter, so what the old label says is not seen.

    ## Bad
        FROM debian:12.7-slim
        LABEL org.label-schema.vcs-url="https://example.com/team/app"

    ## Good
        FROM debian:12.7-slim
        LABEL org.opencontainers.image.source="https://example.com/team/app"

    ## See
    - https://github.com/opencontainers/image-spec/blob/main/annotations.md#back-compatibility-with-label-schema
    """
    if ctx.step is None:
        return
    labels = tuple(labels_of(node, ctx.step))
    present = {label.key for label in labels}
    for label in labels:
        if label.key is None or not label.key.startswith(_SCHEMA):
            continue
        successor = _SUCCESSORS.get(label.key.removeprefix(_SCHEMA))
        if successor is None:
            continue
        new = _OCI + successor
        if not successor:
            message = f"{quoted(label.key)} belongs to labels that are out of use: remove it"
            yield ctx.finding(label.pair.key.span, message)
        elif new in present:
            message = f"{quoted(label.key)} is out of use, and {quoted(new)} is there already: remove it"
            yield ctx.finding(label.pair.key.span, message)
        else:
            fix = _renamed(label.pair.key, label.key, new, Safety.SAFE)
            yield ctx.finding(label.pair.key.span, f"{quoted(label.key)} is out of use: write {quoted(new)}", fix=fix)


def _renamed(word: Word, old: str, new: str, safety: Safety) -> Fix | None:
    """A fix that writes another key; None where the old one does not stand there as it is."""
    at = word.text.find(old)
    if at < 0 or word.joined is None:
        return None
    return Fix(f"write {new}", safety, (Edit(word.span_of(at, at + len(old)), new),))
