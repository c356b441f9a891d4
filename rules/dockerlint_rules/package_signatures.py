"""Packages of operating systems that are installed without a look at their signatures, or at the server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from dockerlint.finding import Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.shell.managers import Action
from dockerlint.shell.options import Flag
from dockerlint.shell.package_managers import PackageAction
from dockerlint.shell.script import Command, Word
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Instruction, Run, Transfer
from dockerlint_rules._edits import remove_word, replace_word
from dockerlint_rules._runs import actions_of, commands_of, here
from dockerlint_rules._tables import names
from dockerlint_rules._written import WRITERS, Line, Written, written

_APT = names("apt apt-get aptitude")
_RPM_TOOLS = names("dnf dnf4 dnf-3 dnf5 microdnf tdnf yum")
_UNVERIFIED_APT = names(
    """
    --allow-unauthenticated --allow-insecure-repositories --allow-weak-repositories
    --allow-downgrade-to-insecure-repositories
    """
)
_UNVERIFIED_RPM = {
    **dict.fromkeys(_RPM_TOOLS, names("--nogpgcheck --no-gpgchecks --no-gpg-checks")),
    "rpm": names("--nosignature --nodigest --noverify"),
    "zypper": names("--no-gpg-checks --no-gpgcheck --allow-unsigned-rpm --gpgcheck-allow-unsigned"),
}
_FORCING = names("--allow-change-held-packages --allow-downgrades --allow-remove-essential")
_LOCAL = ("file:", "copy:", "cdrom:")

_APT_SETTING = re.compile(
    r"(?:allowunauthenticated|allowinsecurerepositories|allowweakrepositories|allowdowngradetoinsecurerepositories)"
    r'(?:=|\s+)"?(?:1|true|yes|on)\b"?',
    re.IGNORECASE,
)
_TRUSTING = re.compile(r"\b(?:trusted|allow-insecure|allow-weak)=yes\b", re.IGNORECASE)
_TRUSTING_FIELD = re.compile(r"(?:trusted|allow-insecure|allow-weak):\s*yes\b", re.IGNORECASE)
_NO_CHECK = re.compile(r"(?:localpkg_)?gpgcheck\s*=\s*(?:0|false|no|off)\b", re.IGNORECASE)
_NO_TLS = re.compile(r"sslverify\s*=\s*(?:0|false|no|off)\b", re.IGNORECASE)
_NO_LEVEL = re.compile(r"(?:local|remote)?(?:file)?siglevel\s*=\s*never\b", re.IGNORECASE)


@rule(
    "DL7020",
    "apk-untrusted-packages",
    on=Run,
    programs=("apk",),
    severity=Severity.WARNING,
    aliases=("CKV2_DOCKER_7",),
    tags=("security", "packages"),
)
def apk_untrusted_packages(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """`apk` installs packages without a valid signature.

    ## Why
    With `--allow-untrusted` it takes whatever the server, or whoever sits on the way, hands out, and the scripts of a
    package run as root while it is installed. A repository of one's own signs its packages with a key that belongs to
    `/etc/apk/keys`; `apk` finds it there.

    ## Bad
        FROM alpine:3.20
        RUN apk add --no-cache --allow-untrusted --repository https://packages.example.com/alpine app

    ## Good
        FROM alpine:3.20
        COPY packages.rsa.pub /etc/apk/keys/
        RUN apk add --no-cache --repository https://packages.example.com/alpine app

    ## See
    https://wiki.alpinelinux.org/wiki/Alpine_Package_Keeper
    """
    for action in _actions(node, ctx, names("apk")):
        for flag in _flags(action, names("--allow-untrusted")):
            message = "'--allow-untrusted' installs packages that nobody has signed: put the key into '/etc/apk/keys'"
            yield ctx.finding(flag.word.span, message, fix=_without(flag.word, ctx))


@rule(
    "DL7021",
    "apt-unauthenticated-packages",
    on=(Run, Transfer),
    programs=(*_APT, "add-apt-repository", "apt-add-repository", *WRITERS),
    severity=Severity.WARNING,
    aliases=("CKV2_DOCKER_8",),
    tags=("security", "packages"),
)
def apt_unauthenticated_packages(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    """Apt installs packages of a repository that it has not verified.

    ## Why
    apt checks that the index of a repository is signed with a known key, and each package against the index. Options
    such as `--allow-unauthenticated`, and sources with `[trusted=yes]` or `allow-insecure=yes`, turn that off: whoever
    answers in place of the server puts code into the image, and the scripts of a package run as root. A source names
    its key by `signed-by`.

    Repositories on the local disk (`file:`) are exempt.

    ## Bad
        FROM debian:12-slim
        RUN echo "deb [trusted=yes] https://packages.example.com/debian stable main" \
            > /etc/apt/sources.list.d/example.list

    ## Good
        FROM debian:12-slim
        COPY example.asc /etc/apt/keyrings/
        RUN echo "deb [signed-by=/etc/apt/keyrings/example.asc] https://packages.example.com/debian stable main" \
            > /etc/apt/sources.list.d/example.list

    ## See
    - https://manpages.debian.org/bookworm/apt/apt-secure.8.en.html
    - https://manpages.debian.org/bookworm/apt/sources.list.5.en.html
    """
    for action in _actions(node, ctx, _APT):
        for flag in _flags(action, _UNVERIFIED_APT):
            yield ctx.finding(flag.word.span, _unverified(flag.word.raw), fix=_without(flag.word, ctx))
        for word in action.options.values("-o", "--option"):
            if _APT_SETTING.search(word.text or ""):
                yield ctx.finding(word.span, _unverified(word.text or ""))
    for text in _written(node, ctx):
        for line, part in _trusting_parts(text):
            yield ctx.finding(line.place(part), _unverified(part))
    for command in _commands(node, ctx):
        if command.name in ("add-apt-repository", "apt-add-repository"):
            for word in command.arguments:
                option = _trusting_part(word.text or "")
                if option is not None:
                    yield ctx.finding(word.span, _unverified(option))


def _unverified(what: str) -> str:
    return f"{quoted(what)} takes packages that nobody has verified: name the key of the repository by 'signed-by'"


def _trusting_parts(text: Written) -> Iterator[tuple[Line, str]]:
    """The lines of a source or a settings file of apt that turn the verification off, with the words that do."""
    if not text.path.startswith("/etc/apt/"):
        return
    fields = [line.text.partition(":") for line in text.lines]
    is_local = any(name.lower() == "uris" and value.strip().startswith(_LOCAL) for name, _, value in fields)
    for line in text.lines:
        setting = _APT_SETTING.search(line.text) if "apt.conf" in text.path else _TRUSTING_FIELD.match(line.text)
        part = _trusting_part(line.text)
        if setting is not None and not is_local:
            yield line, setting[0]
        elif part is not None:
            yield line, part


def _trusting_part(line: str) -> str | None:
    """The option in the brackets of a source (`deb [trusted=yes] https://…`) that turns the verification off."""
    kind, _, rest = line.partition("[")
    options, closing, behind = rest.partition("]")
    trusting = _TRUSTING.search(options) if closing and kind.strip() in ("deb", "deb-src") else None
    return None if trusting is None or behind.lstrip().startswith(_LOCAL) else trusting[0]


@rule(
    "DL7022",
    "apt-forced-yes",
    on=Run,
    programs=_APT,
    severity=Severity.WARNING,
    aliases=("CKV2_DOCKER_11",),
    tags=("security", "packages"),
)
def apt_forced_yes(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """Apt is told to go on even if that harms the system.

    ## Why
    `--force-yes` answers yes to everything: to packages that are not signed, to downgrades, and to the removal of what
    the system cannot do without. It has been deprecated since apt 1.1. `-y` answers the usual questions and stops at
    those. The options that took its place each allow one of them, and are of level info: they hide that a version does
    not fit.

    ## Bad
        FROM debian:12-slim
        RUN apt-get update && apt-get install --force-yes --no-install-recommends curl

    ## Good
        FROM debian:12-slim
        RUN apt-get update && apt-get install -y --no-install-recommends curl

    ## See
    https://manpages.debian.org/bookworm/apt/apt-get.8.en.html
    """
    for action in _actions(node, ctx, _APT):
        for flag in _flags(action, names("--force-yes")):
            message = "'--force-yes' also agrees to unsigned packages and to breaking the system: write '-y'"
            edit = replace_word(ctx.source, flag.word, "-y")
            fix = None if edit is None else Fix("write '-y'", Safety.UNSAFE, (edit,))
            yield ctx.finding(flag.word.span, message, fix=fix)
        for flag in _flags(action, _FORCING):
            message = (
                f"{quoted(flag.word.raw)} hides that packages do not fit: remove it, and name the version you need"
            )
            yield ctx.finding(flag.word.span, message, lower_to=Severity.INFO, fix=_without(flag.word, ctx))


@rule(
    "DL7023",
    "rpm-signature-check-off",
    on=(Run, Transfer),
    programs=(*_UNVERIFIED_RPM, "yum-config-manager", *WRITERS),
    severity=Severity.WARNING,
    aliases=("CKV2_DOCKER_9", "CKV2_DOCKER_10"),
    tags=("security", "packages"),
)
def rpm_signature_check_off(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    """Packages are installed without a look at their signatures.

    ## Why
    The signature of a package says that it comes from the people whose key the system has, however it got here. With
    `--nogpgcheck`, `gpgcheck=0`, `rpm --nosignature` or `SigLevel = Never` whoever answers in place of the server puts
    code into the image, and the scripts of a package run as root. `rpm --import` takes in the key of a repository.

    `zypper --gpg-auto-import-keys` checks signatures, but trusts the key that the repository itself offers: the level
    is info.

    ## Bad
        FROM fedora:41
        RUN dnf install -y --nogpgcheck https://example.com/app-1.0.rpm && dnf clean all

    ## Good
        FROM fedora:41
        RUN rpm --import https://example.com/key.asc \
         && dnf install -y https://example.com/app-1.0.rpm && dnf clean all

    ## See
    - https://dnf.readthedocs.io/en/latest/conf_ref.html
    - https://man7.org/linux/man-pages/man8/rpm.8.html
    """
    for command in _commands(node, ctx):
        for action in actions_of(command, ctx):
            for flag in _flags(action, _UNVERIFIED_RPM.get(action.tool, frozenset())):
                if action.tool != "rpm" or action.action is Action.INSTALL:
                    yield ctx.finding(flag.word.span, _unsigned(flag.word.raw), fix=_without(flag.word, ctx))
            if action.tool == "zypper":
                yield from _trusting_keys(action, ctx)
    yield from _settings(node, ctx, _NO_CHECK, _unsigned)
    for text in _written(node, ctx):
        for line in text.lines if "pacman" in text.path else ():
            level = _NO_LEVEL.match(line.text.lstrip())
            if level is not None:
                yield ctx.finding(line.place(level[0]), _unsigned(level[0]))


def _unsigned(what: str) -> str:
    return f"{quoted(what)} installs packages whoever made them: take in the key, and let signatures be checked"


def _trusting_keys(action: PackageAction, ctx: RuleContext) -> Iterator[Finding]:
    for flag in _flags(action, names("--gpg-auto-import-keys")):
        message = f"{quoted(flag.word.raw)} trusts whatever key a repository offers: take it in by 'rpm --import'"
        yield ctx.finding(flag.word.span, message, lower_to=Severity.INFO)


@rule(
    "DL7026",
    "yum-tls-verification-off",
    on=(Run, Transfer),
    programs=(*_RPM_TOOLS, "yum-config-manager", *WRITERS),
    severity=Severity.WARNING,
    aliases=("CKV2_DOCKER_15",),
    tags=("security", "packages"),
)
def yum_tls_verification_off(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    """Yum or dnf is told not to verify certificates.

    ## Why
    With `sslverify=0` the lists of packages come from whoever answers in place of the server, who can hold back
    updates, or offer packages of their own where signatures are not checked either. A server with a certificate of
    one's own authority needs that authority in the image, and `sslcacert` to name it.

    ## Bad
        FROM fedora:41
        RUN dnf install -y --setopt=sslverify=0 httpd && dnf clean all

    ## Good
        FROM fedora:41
        COPY ca.crt /etc/ssl/company.crt
        RUN dnf install -y --setopt=sslcacert=/etc/ssl/company.crt httpd && dnf clean all

    ## See
    https://dnf.readthedocs.io/en/latest/conf_ref.html
    """
    yield from _settings(node, ctx, _NO_TLS, _unsafe)


def _unsafe(what: str) -> str:
    return f"{quoted(what)} takes packages from any server: remove it, and name the authority by 'sslcacert'"


def _settings(
    node: Instruction, ctx: RuleContext, pattern: re.Pattern[str], message: Callable[[str], str]
) -> Iterator[Finding]:
    """Where settings of dnf and yum are given that fit a pattern: by an option, or in a file."""
    for command in _commands(node, ctx):
        if command.name in _RPM_TOOLS or command.name == "yum-config-manager":
            for word in command.arguments:
                setting = _given(word, pattern)
                if setting is not None:
                    yield ctx.finding(word.span, message(setting), fix=_without_option(word, ctx))
    for text in _written(node, ctx):
        if text.path.endswith(".repo") or "yum" in text.path or "dnf" in text.path:
            for line in text.lines:
                match = pattern.match(line.text.lstrip())
                if match is not None:
                    yield ctx.finding(line.place(match[0]), message(match[0]))


def _given(word: Word, pattern: re.Pattern[str]) -> str | None:
    """The setting in `--setopt=updates.gpgcheck=0`, or in the word behind `--setopt`."""
    text = (word.text or "").removeprefix("--setopt=").removeprefix("--set=")
    name, _, value = text.partition("=")
    match = pattern.fullmatch(f"{name.rpartition('.')[2]}={value}")
    return None if match is None else text


def _without_option(word: Word, ctx: RuleContext) -> Fix | None:
    return _without(word, ctx) if word.raw.startswith("--setopt=") else None


def _actions(node: Instruction, ctx: RuleContext, tools: frozenset[str]) -> Iterator[PackageAction]:
    for command in _commands(node, ctx):
        if command.name in tools:
            yield from actions_of(command, ctx)[:1]


def _flags(action: PackageAction, wanted: frozenset[str]) -> Iterator[Flag]:
    """The options with one of the names that are not switched off again: `--allow-downgrades=false`."""
    for flag in action.options.flags:
        if flag.name in wanted and (flag.value is None or flag.value.text not in ("false", "no", "0", "off")):
            yield flag


def _commands(node: Instruction, ctx: RuleContext) -> tuple[Command, ...]:
    return commands_of(here(node, ctx), ctx) if isinstance(node, Run) else ()


def _written(node: Instruction, ctx: RuleContext) -> tuple[Written, ...]:
    return written(here(node, ctx), ctx) if isinstance(node, (Run, Transfer)) else ()


def _without(word: Word, ctx: RuleContext) -> Fix | None:
    edit = remove_word(ctx.source, word)
    return None if edit is None else Fix(f"remove {quoted(word.raw)}", Safety.UNSAFE, (edit,))
