"""Packages of operating systems that are installed in whatever version there is on the day of the build."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from dockerlint.finding import Finding, Severity
from dockerlint.rule import Option, RuleContext, rule
from dockerlint.shell.managers import Action
from dockerlint.shell.script import Word
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Run
from dockerlint_rules._package_settings import Setting, settings_before
from dockerlint_rules._runs import PackageStep
from dockerlint_rules._system_packages import DNF_TOOLS, steps_of
from dockerlint_rules._tables import names
from dockerlint_rules._written import as_written

ALLOWED_PACKAGES: Option[tuple[str, ...]] = Option(
    "allowed-packages",
    (),
    "Packages of the operating system that need no version.",
    setting="allowed-packages",
    example=("ca-certificates", "tzdata"),
)

_INSTALL = frozenset({Action.INSTALL})
_APT = names("apt apt-get aptitude")
_APK = names("apk")
_YUM = names("yum")
_ZYPPER = names("zypper")

# Verbs that take packages by name and choose a version; `reinstall` keeps the one that is there.
_BY_NAME = names("add in inr install install-n install-na install-nevra localinstall satisfy")
_MODULE = "module install"

_COMPARISONS = frozenset("=<>~")
_VERSION_BEHIND = re.compile(r"-[0-9]")


@rule(
    "DL3008",
    "unpinned-apt-package",
    on=Run,
    programs=_APT,
    severity=Severity.INFO,
    hadolint=Severity.WARNING,
    aliases=("KICS-965a08d7",),
    tags=("packages",),
    options=(ALLOWED_PACKAGES,),
)
def unpinned_apt_package(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """A package is installed by `apt-get` without a version.

    ## Why
    The same Dockerfile installs another version tomorrow, and nobody sees it in a review. With a version the build
    gives the same or fails, and an update is a change of the Dockerfile. The price is work: Debian and Ubuntu keep only
    the newest version of a package in their archives, so that builds with pinned packages break with each security
    update. Pin what must not change; or take all packages from the archive of one day, with `apt-get --snapshot` or
    sources at snapshot.debian.org. Packages are not reported then.

    Local files, URLs, removals (`curl-`) and packages whose release is chosen (`curl/bookworm-backports`) are exempt.

    ## Bad
        FROM debian:12-slim
        RUN apt-get update && apt-get install -y --no-install-recommends curl

    ## Good
        FROM debian:12-slim
        RUN apt-get update && apt-get install -y --no-install-recommends curl=7.88.*

    ## See
    - https://manpages.debian.org/bookworm/apt/apt-get.8.en.html
    - https://snapshot.debian.org/
    """
    for step in steps_of(node, ctx, _APT, _INSTALL):
        if step.action.options.has("-S", "--snapshot"):
            continue
        if Setting.APT_SNAPSHOT not in settings_before(step.command, ctx):
            yield from _unpinned(step, ctx, _is_apt_version, "=VERSION")


def _is_apt_version(text: str) -> bool:
    """Whether a word names a version, a file, or a package that is not to be installed."""
    if "=" in text or "/" in text or text.endswith((".deb", "-", "^")):
        return True
    return text.endswith("+") and not text.endswith("++")


@rule(
    "DL3018",
    "unpinned-apk-package",
    on=Run,
    programs=_APK,
    severity=Severity.INFO,
    hadolint=Severity.WARNING,
    aliases=("KICS-d3499f6d",),
    tags=("packages",),
    options=(ALLOWED_PACKAGES,),
)
def unpinned_apk_package(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """A package is installed by `apk add` without a version.

    ## Why
    The same Dockerfile installs another version tomorrow, and nobody sees it in a review. With a version the build
    gives the same or fails, and an update is a change of the Dockerfile. The price is work: the repositories of Alpine
    keep only the newest version of a package, so that builds with exact versions break with each update. A version such
    as `~8.9` lets fixes in. The branch of Alpine in the tag of the base image (`alpine:3.20`) limits the rest.

    ## Bad
        FROM alpine:3.20
        RUN apk add --no-cache curl

    ## Good
        FROM alpine:3.20
        RUN apk add --no-cache 'curl~8.9'

    ## See
    https://wiki.alpinelinux.org/wiki/Alpine_Package_Keeper
    """
    for step in steps_of(node, ctx, _APK, _INSTALL):
        yield from _unpinned(step, ctx, _is_apk_version, "=VERSION")


def _is_apk_version(text: str) -> bool:
    """Whether a word names a version, a repository, a file, a conflict or a virtual package."""
    return not _COMPARISONS.isdisjoint(text) or "@" in text or "/" in text or text.startswith(("!", "."))


@rule(
    "DL3033",
    "unpinned-yum-package",
    on=Run,
    programs=_YUM,
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=("KICS-6452c424",),
    tags=("packages",),
    options=(ALLOWED_PACKAGES,),
)
def unpinned_yum_package(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """A package is installed by `yum` without a version.

    ## Why
    The same Dockerfile installs another version tomorrow, and nobody sees it in a review. With a version the build
    gives the same or fails, and an update is a change of the Dockerfile. Groups, local files and URLs are exempt; a
    module needs a stream.

    ## Bad
        FROM centos:7
        RUN yum install -y httpd && yum clean all

    ## Good
        FROM centos:7
        RUN yum install -y httpd-2.4.6 && yum clean all

    ## See
    https://man7.org/linux/man-pages/man8/yum.8.html
    """
    yield from _unpinned_rpm(node, ctx, _YUM)


@rule(
    "DL3037",
    "unpinned-zypper-package",
    on=Run,
    programs=_ZYPPER,
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=("KICS-562952e4",),
    tags=("packages",),
    options=(ALLOWED_PACKAGES,),
)
def unpinned_zypper_package(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """A package is installed by `zypper` without a version.

    ## Why
    The same Dockerfile installs another version tomorrow, and nobody sees it in a review. With a version the build
    gives the same or fails, and an update is a change of the Dockerfile. Patterns, local files and URLs are exempt.

    ## Bad
        FROM opensuse/leap:15.6
        RUN zypper --non-interactive install httpd && zypper clean --all

    ## Good
        FROM opensuse/leap:15.6
        RUN zypper --non-interactive install 'httpd=2.4.58' && zypper clean --all

    ## See
    https://en.opensuse.org/SDB:Zypper_manual
    """
    for step in steps_of(node, ctx, _ZYPPER, _INSTALL):
        kinds = {word.text for word in step.action.options.values("-t", "--type")}
        if kinds <= {"package"}:
            is_version = _is_hadolint_zypper_version if ctx.as_hadolint else _is_zypper_version
            yield from _unpinned(step, ctx, is_version, "=VERSION")


def _is_zypper_version(text: str) -> bool:
    return _is_hadolint_zypper_version(text) or _is_rpm_version(text) or text.startswith("pattern:")


def _is_hadolint_zypper_version(text: str) -> bool:
    return not _COMPARISONS.isdisjoint(text) or text.endswith(".rpm")


@rule(
    "DL3041",
    "unpinned-dnf-package",
    on=Run,
    programs=DNF_TOOLS,
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=("KICS-93d88cf7",),
    tags=("packages",),
    options=(ALLOWED_PACKAGES,),
)
def unpinned_dnf_package(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """A package is installed by `dnf` without a version.

    ## Why
    The same Dockerfile installs another version tomorrow, and nobody sees it in a review. With a version the build
    gives the same or fails, and an update is a change of the Dockerfile. Groups, local files and URLs are exempt; a
    module needs a stream. The same holds for `microdnf` and `tdnf`.

    ## Bad
        FROM fedora:41
        RUN dnf install -y httpd && dnf clean all

    ## Good
        FROM fedora:41
        RUN dnf install -y httpd-2.4.62 && dnf clean all

    ## See
    https://dnf.readthedocs.io/en/latest/command_ref.html#specifying-packages
    """
    yield from _unpinned_rpm(node, ctx, DNF_TOOLS)


def _unpinned_rpm(node: Run, ctx: RuleContext, tools: frozenset[str]) -> Iterator[Finding]:
    for step in steps_of(node, ctx, tools, _INSTALL):
        if step.action.verb_text == _MODULE:
            yield from _unpinned(step, ctx, _is_stream, ":STREAM")
        else:
            yield from _unpinned(step, ctx, _is_rpm_version, "-VERSION")


def _is_rpm_version(text: str) -> bool:
    """Whether a word names a version, a file, a group, or what a package provides (`perl(URI)`)."""
    if _VERSION_BEHIND.search(text) or not _COMPARISONS.isdisjoint(text):
        return True
    return "/" in text or "(" in text or text.endswith(".rpm") or text.startswith("@")


def _is_stream(text: str) -> bool:
    return ":" in text


def _unpinned(
    step: PackageStep, ctx: RuleContext, is_version: Callable[[str], bool], version: str
) -> Iterator[Finding]:
    """A finding for each word that names packages without a version; `version` is what is missing behind a name."""
    if step.action.verb_text not in _BY_NAME and step.action.verb_text != _MODULE:
        return
    allowed = ctx.option(ALLOWED_PACKAGES)
    names_at: dict[Span, list[str]] = {}
    for word in step.action.packages:
        text = _package(word, ctx)
        if text and text not in allowed and not is_version(text):
            names_at.setdefault(word.span, []).append(text)
    for span, texts in names_at.items():
        if len(texts) == 1:
            missing = f"{quoted(texts[0])} has no version", f"write {quoted(texts[0] + version)}"
        else:
            missing = f"{_enumerated(texts)} have no version", "write the versions down"
        yield ctx.finding(span, ", so the day of the build decides: ".join(missing))


def _enumerated(texts: list[str]) -> str:
    """The first names of several, and how many more there are: one variable may hold a whole list."""
    first, second, *more = texts
    if not more:
        return f"{quoted(first)} and {quoted(second)}"
    return f"{quoted(first)}, {quoted(second)} and {len(more)} more"


def _package(word: Word, ctx: RuleContext) -> str | None:
    """The name of a package; one that is not known only counts for who comes from hadolint."""
    return as_written(word) if word.text is None and ctx.as_hadolint else word.text
