"""Options without which curl takes something else for the file that was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.shell.downloads import Download, Sink, Transfer
from dockerlint.shell.script import ScopeKind
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Run
from dockerlint_rules._downloads import (
    Settings,
    host_of,
    is_configured,
    is_loopback,
    is_verified,
    may_have_more_options,
    path_of,
    transfers,
)
from dockerlint_rules._edits import add_argument
from dockerlint_rules._runs import here
from dockerlint_rules._tables import names

_FAILING = ("-f", "--fail", "--fail-with-body")
#: With these a script looks at the status itself.
_LOOKING = ("-w", "--write-out", "-i", "--include", "--show-headers", "-D", "--dump-header")
_FOLLOWING = ("-L", "--location", "--location-trusted")
_FILES = names("curlrc .curlrc _curlrc")
_FAIL_RC = Settings(_FILES, "CURL_HOME", re.compile(r"\s*(?:-[A-Za-z]*f[A-Za-z]*|(?:--)?fail(?:-with-body)?)\s*"))
_LOCATION_RC = Settings(_FILES, "CURL_HOME", re.compile(r"\s*(?:-[A-Za-z]*L[A-Za-z]*|(?:--)?location(?:-trusted)?)\s*"))
_OTHER_SCHEMES = ("file:", "ftp:", "ftps:", "sftp:", "scp:", "tftp:")
_CLUSTER = re.compile(r"-[A-Za-z]+")

#: Hosts that answer with the address of another place, and what is in the paths for which they do; all if nothing.
_REDIRECTING: dict[str, tuple[str, ...]] = {
    "aka.ms": (),
    "api.github.com": ("/tarball", "/zipball", "/releases/assets/"),
    "bit.ly": (),
    "bitbucket.org": ("/downloads/", "/get/"),
    "dl.k8s.io": (),
    "downloads.sourceforge.net": (),
    "git.io": (),
    "github.com": ("/releases/", "/archive/", "/raw/", "/tarball/", "/zipball/"),
    "go.dev": ("/dl/",),
    "go.microsoft.com": ("/fwlink",),
    "golang.org": ("/dl/",),
    "huggingface.co": ("/resolve/",),
    "launchpad.net": ("/+download/",),
    "prdownloads.sourceforge.net": (),
    "sourceforge.net": ("/files/", "/download"),
    "tinyurl.com": (),
}


@rule(
    "DL8026",
    "curl-ignores-http-errors",
    on=Run,
    programs=("curl",),
    severity=Severity.INFO,
    aliases=("parfum/curlUseFlagF",),
    tags=("shell",),
)
def curl_ignores_http_errors(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """Curl saves the page of an error as if it were the file.

    ## Why
    Without `-f`, curl succeeds when the server answers "404 Not Found" or "503", and what it says about that becomes
    the file. The build goes on, and fails later where nobody understands it, or it does not fail at all.

    Not reported where a script looks at the status (`-w`, `-i`) or verifies a checksum or signature, for other
    protocols than HTTP, and where a curlrc says `fail`.

    ## Bad
        FROM debian:12-slim
        RUN curl -sSLo /usr/local/bin/tool https://example.com/tool-1.2

    ## Good
        FROM debian:12-slim
        RUN curl -fsSLo /usr/local/bin/tool https://example.com/tool-1.2

    ## See
    https://curl.se/docs/manpage.html#-f
    """
    found = transfers(here(node, ctx), ctx)
    if not found or is_verified(here(node, ctx), ctx):
        return
    for transfer in found:
        if transfer.tool != "curl" or not transfer.fetches or transfer.has(*_FAILING, *_LOOKING):
            continue
        if not any(_is_kept(download, transfer) for download in transfer.downloads):
            continue
        if may_have_more_options(transfer) or is_configured(transfer.command, _FAIL_RC, ctx):
            continue
        assert transfer.command.program is not None, "a transfer has a program"
        fix = _with_letter("f", transfer, node, ctx, Safety.SAFE)
        message = "without '-f' curl takes the page of an error for the file, and the build goes on: add '-f'"
        yield ctx.finding(transfer.command.program.span, message, fix=fix)


@rule(
    "DL8027",
    "curl-without-redirects",
    on=Run,
    programs=("curl",),
    severity=Severity.INFO,
    aliases=("tally/curl-should-follow-redirects", "parfum/curlUseFlagL"),
    tags=("shell",),
)
def curl_without_redirects(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """Curl does not follow where the server says that the file is.

    ## Why
    The downloads of GitHub, SourceForge and others answer with the address of another server. Without `-L`, curl
    saves that answer, which is empty or a page of HTML, and succeeds even with `-f`.

    Only hosts are reported that are known to answer so.

    ## Bad
        FROM debian:12-slim
        RUN curl -fsSO https://github.com/example/tool/releases/download/v1.2/tool.tar.gz

    ## Good
        FROM debian:12-slim
        RUN curl -fsSLO https://github.com/example/tool/releases/download/v1.2/tool.tar.gz

    ## See
    https://curl.se/docs/manpage.html#-L
    """
    for transfer in transfers(here(node, ctx), ctx):
        if transfer.tool != "curl" or not transfer.fetches or transfer.has(*_FOLLOWING, *_LOOKING):
            continue
        host = next((host for download in transfer.downloads if (host := _redirecting_host(download))), None)
        if host is None or may_have_more_options(transfer) or is_configured(transfer.command, _LOCATION_RC, ctx):
            continue
        assert transfer.command.program is not None, "a transfer has a program"
        fix = _with_letter("L", transfer, node, ctx, Safety.UNSAFE)
        message = f"{quoted(host)} answers with another address, which curl does not go to without '-L': add it"
        yield ctx.finding(transfer.command.program.span, message, fix=fix)


def _is_kept(download: Download, transfer: Transfer) -> bool:
    """Whether something else reads what is downloaded over HTTP: a file, a pipe, or the words of a command."""
    prefix = download.url.prefix.lower()
    if prefix.startswith(_OTHER_SCHEMES) or is_loopback(download.url.prefix):
        return False
    if download.sink is Sink.FILE:
        return download.path != "/dev/null"
    command = transfer.command
    if any(stage < pipeline.length - 1 for pipeline, stage in command.pipelines()):
        return True
    kinds = (ScopeKind.SUBSTITUTION, ScopeKind.PROCESS_SUBSTITUTION)
    return any(scope.kind in kinds or scope.redirects for scope in command.scope.outward())


def _redirecting_host(download: Download) -> str | None:
    host = host_of(download.url)
    if host is None or host not in _REDIRECTING:
        return None
    parts = _REDIRECTING[host]
    path = path_of(download.url)
    return host if not parts or any(part in path for part in parts) else None


def _with_letter(letter: str, transfer: Transfer, node: Run, ctx: RuleContext, safety: Safety) -> Fix | None:
    """A fix that adds an option of one letter, to the first letters of the command where it begins with some."""
    command = transfer.command
    assert command.program is not None, "a transfer has a program"
    edit: Edit | None
    first = command.arguments[0] if command.arguments else None
    if first is not None and ctx.source.slice(first.span) == first.text and _CLUSTER.fullmatch(first.text):
        # At the end the letter could stand in the place of a value.
        edit = Edit(Span(first.span.start + 1, first.span.start + 1), letter)
    else:
        edit = add_argument(ctx.source, node, command.program, f"-{letter}")
    return None if edit is None else Fix(f"add -{letter}", safety, (edit,))
