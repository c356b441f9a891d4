"""Downloads without verification of certificates: curl, wget and git are told to trust any server."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from dockerlint.finding import Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.scripts import ASSIGNMENT
from dockerlint.shell.downloads import Transfer
from dockerlint.shell.options import Flag, names, read_options
from dockerlint.shell.script import Command
from dockerlint.source import Span
from dockerlint.syntax import tree
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Arg, Env, Healthcheck, Instruction, Run, StartCommand
from dockerlint_rules._assigned import assigned
from dockerlint_rules._downloads import GIT_SYNTAX, is_loopback, transfers, without_flag
from dockerlint_rules._runs import here
from dockerlint_rules._written import WRITERS, Line, written

_CURL_OFF = ("-k", "--insecure", "--proxy-insecure")
_CURL_SETTING = re.compile(r"\s*(?:-k|(?:--)?(?:proxy-)?insecure)\s*", re.IGNORECASE)
#: wget takes any unambiguous start of a long option.
_WGET_OFF = "--no-check-certificate"
_WGET_SHORTEST = "--no-check-c"
_WGET_SETTING = re.compile(r"\s*check_?certificate\s*=\s*(?:off|no|0|quiet)\s*", re.IGNORECASE)
_GIT_SETTING = re.compile(r"\s*ssl_?verify\s*=\s*(?:false|no|off|0)\s*", re.IGNORECASE)
_GIT_KEY = re.compile(r"http\.(?:.+\.)?sslverify", re.IGNORECASE | re.DOTALL)
_FALSE = names("false no off 0")
_REMEDY = "remove it, and install the certificate of the authority"


@rule(
    "DL7015",
    "curl-certificate-check-off",
    on=(Healthcheck, Run, StartCommand, tree.Transfer),
    programs=("curl", *WRITERS),
    severity=Severity.WARNING,
    aliases=("CKV2_DOCKER_2",),
    tags=("security", "packages"),
)
def curl_certificate_check_off(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    r"""Curl takes files from a server without a valid certificate.

    ## Why
    With `-k`, curl talks to whoever answers in place of the server: anybody on the way can exchange what is downloaded,
    and read the passwords that are sent. A server with a certificate of one's own authority needs that authority in
    the image, or named with `--cacert`. Where no authority is known at all, the package `ca-certificates` is missing.

    Not reported where curl asks the machine itself, as health checks do.

    ## Bad
        FROM debian:12-slim
        RUN curl -fsSLk -o /tool https://tools.example.com/tool-1.2

    ## Good
        FROM debian:12-slim
        COPY ca.crt /usr/local/share/ca-certificates/company.crt
        RUN update-ca-certificates \
         && curl -fsSL -o /tool https://tools.example.com/tool-1.2

    ## See
    - https://curl.se/docs/manpage.html#-k
    - https://curl.se/docs/sslcerts.html
    """
    for transfer, flag in _flags(node, ctx, "curl"):
        if flag.name in _CURL_OFF:
            yield _of_flag(flag, transfer, ctx)
    for line in _settings(node, ctx, ("curlrc", ".curlrc")):
        if _CURL_SETTING.fullmatch(line.text):
            yield _of_setting(line, "curl", ctx)


@rule(
    "DL7016",
    "wget-certificate-check-off",
    on=(Healthcheck, Run, StartCommand, tree.Transfer),
    programs=("wget", *WRITERS),
    severity=Severity.WARNING,
    aliases=("CKV2_DOCKER_3",),
    tags=("security", "packages"),
)
def wget_certificate_check_off(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    r"""Wget takes files from a server without a valid certificate.

    ## Why
    With `--no-check-certificate`, wget talks to whoever answers in place of the server: anybody on the way can exchange
    what is downloaded, and read the passwords that are sent. A server with a certificate of one's own authority needs
    that authority in the image, or named with `--ca-certificate`. Where no authority is known at all, the package
    `ca-certificates` is missing.

    Not reported where wget asks the machine itself, as health checks do.

    ## Bad
        FROM debian:12-slim
        RUN wget -nv --no-check-certificate https://tools.example.com/tool-1.2

    ## Good
        FROM debian:12-slim
        RUN apt-get update \
         && apt-get install -y --no-install-recommends ca-certificates wget \
         && rm -rf /var/lib/apt/lists/* \
         && wget -nv https://tools.example.com/tool-1.2

    ## See
    https://www.gnu.org/software/wget/manual/html_node/HTTPS-_0028SSL_002fTLS_0029-Options.html
    """
    for transfer, flag in _flags(node, ctx, "wget"):
        if len(flag.name) >= len(_WGET_SHORTEST) and _WGET_OFF.startswith(flag.name):
            yield _of_flag(flag, transfer, ctx)
        elif flag.name in ("-e", "--execute") and flag.value is not None and _is_wget_setting(flag.value.text):
            yield ctx.finding(flag.value.span, _message(flag.value.raw, "wget"))
    for line in _settings(node, ctx, ("wgetrc", ".wgetrc")):
        if _is_wget_setting(line.text):
            yield _of_setting(line, "wget", ctx)


@rule(
    "DL7025",
    "git-tls-verification-off",
    on=(Arg, Env, Run, tree.Transfer),
    programs=(ASSIGNMENT, "git", *WRITERS),
    severity=Severity.WARNING,
    aliases=("CKV2_DOCKER_14",),
    tags=("security", "packages"),
)
def git_tls_verification_off(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    """Git takes code from a server without a valid certificate.

    ## Why
    Without verification, git talks to whoever answers in place of the server: anybody on the way can exchange the code
    that is built, and read the password or token that is sent. `http.sslCAInfo` names an authority of one's own.

    git only asks whether `GIT_SSL_NO_VERIFY` is set: `GIT_SSL_NO_VERIFY=0` turns the verification off as well. As an
    ENV, or in the settings of a user, it holds for everything that the image ever runs.

    ## Bad
        FROM debian:12-slim
        RUN git -c http.sslVerify=false clone --depth 1 --branch v1.2 https://git.example.com/tool.git

    ## Good
        FROM debian:12-slim
        COPY ca.crt /etc/ssl/company.crt
        RUN git -c http.sslCAInfo=/etc/ssl/company.crt clone --depth 1 --branch v1.2 https://git.example.com/tool.git

    ## See
    - https://git-scm.com/docs/git-config#Documentation/git-config.txt-httpsslVerify
    - https://git-scm.com/docs/git#Documentation/git.txt-codeGITSSLNOVERIFYcode
    """
    for variable in assigned(node, ctx):
        if variable.name == "GIT_SSL_NO_VERIFY" and variable.value is not None:
            yield ctx.finding(variable.span, _message(ctx.source.slice(variable.span), "git"))
    if isinstance(node, Run):
        for command in ctx.commands(node):
            if command.name == "git":
                yield from (ctx.finding(span, _message(ctx.source.slice(span), "git")) for span in _of_git(command))
    for line in _settings(node, ctx, (".gitconfig", "gitconfig")):
        if _GIT_SETTING.fullmatch(line.text):
            yield _of_setting(line, "git", ctx)


def _flags(node: Instruction, ctx: RuleContext, tool: str) -> Iterator[tuple[Transfer, Flag]]:
    """The options of the downloads with a tool, other than those from the machine itself."""
    if ctx.step is None:
        return
    for transfer in transfers(here(node, ctx), ctx):
        urls = [download.url.text for download in transfer.downloads]
        # A health check asks its own container, by whatever name.
        asks_itself = [isinstance(node, Healthcheck) if url is None else is_loopback(url) for url in urls]
        if transfer.tool == tool and not (urls and all(asks_itself)):
            yield from ((transfer, flag) for flag in transfer.options.flags)


def _of_flag(flag: Flag, transfer: Transfer, ctx: RuleContext) -> Finding:
    edit = without_flag(flag, ctx.source)
    fix = None if edit is None else Fix(f"remove {flag.name}", Safety.UNSAFE, (edit,))
    return ctx.finding(flag.word.span, _message(flag.name, transfer.tool), fix=fix)


def _settings(node: Instruction, ctx: RuleContext, files: tuple[str, ...]) -> Iterator[Line]:
    """The lines that an instruction writes into files of some names."""
    if ctx.step is not None:
        for text in written(here(node, ctx), ctx):
            if posixpath.basename(text.path) in files:
                yield from text.lines


def _of_setting(line: Line, tool: str, ctx: RuleContext) -> Finding:
    setting = line.text.strip()
    return ctx.finding(line.place(setting), _message(setting, tool))


def _message(what: str, tool: str) -> str:
    return f"with {quoted(what)} {tool} trusts whoever answers in place of the server: {_REMEDY}"


def _is_wget_setting(text: str | None) -> bool:
    return text is not None and _WGET_SETTING.fullmatch(text) is not None


def _of_git(command: Command) -> Iterator[Span]:
    """Where a command of git turns the verification off: for itself, for a clone, or in its settings."""
    before = read_options(command.arguments, GIT_SYNTAX, until_operand=True)
    words = before.operands
    behind = read_options(words[1:], GIT_SYNTAX.with_valued(names("-c --config"))) if words else before
    verb = words[0].text if words else None
    given = [*before.values("-c"), *(behind.values("-c", "--config") if verb == "clone" else ())]
    for value in given:
        key, _, setting = (value.text or "").partition("=")
        if _GIT_KEY.fullmatch(key) and setting.lower() in _FALSE:
            yield value.span
    if verb == "config":
        pairs = zip(behind.operands, behind.operands[1:], strict=False)
        for key_word, setting_word in pairs:
            if _GIT_KEY.fullmatch(key_word.text or "") and (setting_word.text or "").lower() in _FALSE:
                yield key_word.span.cover(setting_word.span)
