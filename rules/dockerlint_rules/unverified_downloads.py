"""Downloads that nobody verifies: on the way, or once they are there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dockerlint.finding import Edit, Finding, Fix, Related, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.scripts import ASSIGNMENT, PACKAGE_MANAGER
from dockerlint.shell.downloads import DOWNLOADERS, Sink, file_of
from dockerlint.shell.extractions import Extraction, extraction_of
from dockerlint.shell.script import Command, Word
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Add, Arg, Env, Instruction, Run
from dockerlint_rules._assigned import assigned
from dockerlint_rules._downloads import (
    KEY_FILES,
    git_call,
    host_of,
    is_loopback,
    is_private,
    is_verified,
    located,
    shown_url,
    transfers,
)
from dockerlint_rules._file_uses import FileUse, file_uses, folders_of
from dockerlint_rules._runs import Placed, actions_of, here
from dockerlint_rules._sources import written_sources
from dockerlint_rules._tables import names
from dockerlint_rules._values import value_of
from dockerlint_rules._written import as_written

#: Files that are no programs, or that are small enough to be read.
_HARMLESS_FILES = (
    *KEY_FILES,
    *(".cfg", ".conf", ".csv", ".css", ".html", ".ini", ".json", ".list", ".md", ".md5", ".repo", ".rules", ".sha1"),
    *(".sha256", ".sha256sum", ".sha512", ".sha512sum", ".toml", ".txt", ".xml", ".yaml", ".yml"),
)
#: A commit or a digest in a URL says what is meant.
_DIGEST = re.compile(r"[0-9a-f]{40}", re.IGNORECASE)
_HTTP = "http://"
_INDEX_VARIABLES = names(
    "GOPROXY NPM_CONFIG_REGISTRY PIP_EXTRA_INDEX_URL PIP_FIND_LINKS PIP_INDEX_URL UV_DEFAULT_INDEX UV_INDEX_URL"
    " YARN_REGISTRY"
)
_INDEX_OPTIONS = ("--index-url", "-i", "--extra-index-url", "-f", "--find-links", "--registry", "--default-index")
_SETTING_VERBS = names("config set")
_VERSION_CONTROL = {
    "git": names("clone fetch pull remote submodule"),
    "hg": names("clone pull"),
    "svn": names("checkout co export"),
}


@rule(
    "DL7012",
    "unverified-download",
    on=(Add, Run),
    programs=DOWNLOADERS,
    severity=Severity.WARNING,
    tags=("security", "packages"),
)
def unverified_download(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    r"""A download is put to use without a test of its checksum or signature.

    ## Why
    HTTPS says who has sent a file, not that it is the right one: whoever takes over the server, the account that
    publishes there or the storage behind it can exchange it, and the next build has it. A checksum in the file, or a
    signature by a key that is known, makes such a build fail.

    For RUN it is an info, and reported where the RUN unpacks, installs or runs the file, or makes a program of it. Any
    verification in the same RUN counts. Keys, signatures, texts and URLs with a commit or a digest are not reported.

    ## Bad
        FROM debian:12-slim
        ADD https://example.com/tool-1.2 /usr/local/bin/tool

    A RUN, an info:

        FROM debian:12-slim
        RUN curl -fsSL https://example.com/tool-1.2.tar.gz | tar -xz -C /opt

    ## Good
        FROM debian:12-slim
        ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d \
            https://example.com/tool-1.2 /usr/local/bin/tool

    ## See
    - https://docs.docker.com/reference/dockerfile/#add---checksum
    - https://man7.org/linux/man-pages/man1/sha256sum.1.html
    """
    if ctx.step is None:
        return
    if isinstance(node, Add):
        if node.flag("checksum") is not None:
            return
        for source in written_sources(node):
            url = value_of(ctx.step, source) or ""
            if url.startswith((_HTTP, "https://")) and not _is_exempt(url) and not file_of(url).endswith(".git"):
                message = f"{shown_url(source.text)} is not verified: add '--checksum=sha256:…' of the right file"
                yield ctx.finding(source.span, message)
    elif isinstance(node, Run):
        yield from _unverified_in_run(here(node, ctx), ctx)


@rule(
    "DL7014",
    "plain-http-download",
    on=(Add, Arg, Env, Run),
    programs=(ASSIGNMENT, PACKAGE_MANAGER, *DOWNLOADERS, *_VERSION_CONTROL),
    severity=Severity.WARNING,
    aliases=("parfum/curlUseHttpsUrl", "parfum/wgetUseHttpsUrl"),
    tags=("security", "packages"),
)
def plain_http_download(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    """A file, a package or code is fetched over HTTP without encryption.

    ## Why
    Anybody on the way can exchange what is fetched: in the network of the build, at the provider, by a false name
    server. What comes so is mostly unpacked, installed or built by root.

    Not reported are the machine itself, private addresses and names, and RUNs that verify a checksum or signature.
    Package managers of distributions verify signatures, so their repositories may be reached over HTTP.

    ## Bad
        FROM debian:12-slim
        RUN curl -fsSLO http://example.com/tool-1.2.tar.gz

    ## Good
        FROM debian:12-slim
        RUN curl -fsSLO https://example.com/tool-1.2.tar.gz

    ## See
    https://docs.docker.com/build/building/best-practices/
    """
    if ctx.step is None:
        return
    for variable in assigned(node, ctx):
        if variable.name.upper() in _INDEX_VARIABLES and _is_plain(variable.value or ""):
            yield _plain(variable.value_span, ctx)
    if isinstance(node, Add):
        if node.flag("checksum") is None:
            sources = written_sources(node)
            yield from (_plain(word.span, ctx) for word in sources if _is_plain(value_of(ctx.step, word) or ""))
    elif isinstance(node, Run):
        commands = ctx.commands(node)
        found = [transfer for transfer in transfers(here(node, ctx), ctx) if transfer.fetches]
        words = [download.url for transfer in found for download in transfer.downloads]
        words += [word for command in commands for word in _fetched_words(command, ctx)]
        guilty = [word for word in words if _is_plain(as_written(word))]
        if guilty and not is_verified(here(node, ctx), ctx):
            yield from (_plain(word.span, ctx) for word in guilty)


def _unverified_in_run(placed: Placed, ctx: RuleContext) -> Iterator[Finding]:
    found = [transfer for transfer in transfers(placed, ctx) if transfer.fetches]
    if not found or is_verified(placed, ctx):
        return
    commands = ctx.commands(placed.node, placed.step)
    folders = folders_of(commands, placed)
    folder_of = {id(command): folder for command, folder in zip(commands, folders, strict=True)}
    uses: dict[str, FileUse] = {}
    for use in file_uses(commands, folders, ctx):
        uses.setdefault(use.place, use)
    for transfer in found:
        for download in transfer.downloads:
            url = as_written(download.url)
            if _is_exempt(url):
                continue
            if download.sink is Sink.FILE:
                place = located(download.path, folder_of[id(transfer.command)])
                used = uses.get(place or "")
                if used is not None:
                    yield _unverified(download.url, used.verb, used.command, ctx)
            else:
                extraction = _piped_extraction(transfer.command, commands)
                if extraction is not None:
                    yield _unverified(download.url, "unpacked", extraction.command, ctx)


def _unverified(url: Word, verb: str, command: Command, ctx: RuleContext) -> Finding:
    name = file_of(as_written(url)) or host_of(url) or "the file"
    message = f"{quoted(name)} is downloaded and {verb}, but not verified: compare its checksum with one in this file"
    related = (Related(command.span, f"it is {verb} here"),)
    return ctx.finding(url.span, message, lower_to=Severity.INFO, related=related)


def _is_exempt(url: str) -> bool:
    path = url.partition("#")[0].partition("?")[0].lower()
    return path.endswith(_HARMLESS_FILES) or _DIGEST.search(path) is not None or is_loopback(url)


def _piped_extraction(command: Command, commands: Sequence[Command]) -> Extraction | None:
    """What unpacks the output of a command; None if nothing does."""
    stages = dict(command.pipelines())
    if not stages:
        return None
    for other in commands:
        if any(stage > stages.get(pipeline, stage) for pipeline, stage in other.pipelines()):
            extraction = extraction_of(other)
            if extraction is not None:
                return extraction
    return None


def _fetched_words(command: Command, ctx: RuleContext) -> Iterator[Word]:
    """The words with which package managers and version control are told where to fetch from."""
    name, actions = command.name, actions_of(command, ctx)
    if not actions and name not in _VERSION_CONTROL:
        return
    if not any(_HTTP in as_written(word) for word in command.arguments):
        return
    if name in _VERSION_CONTROL:
        verb, words = git_call(command)
        if verb in _VERSION_CONTROL[name]:
            yield from words
        return
    for action in actions:
        if action.manager.ecosystem == "language":
            yield from action.options.values(*_INDEX_OPTIONS)
            if not _SETTING_VERBS.isdisjoint(word.text or "" for word in command.arguments[:2]):
                yield from command.arguments
        yield from action.packages


def _is_plain(url: str) -> bool:
    """Whether a URL is one of HTTP without encryption, of a machine elsewhere."""
    url = url.removeprefix("git+")
    return url.lower().startswith(_HTTP) and not is_private(url)


def _plain(span: Span, ctx: RuleContext) -> Finding:
    text = ctx.source.slice(span)
    at = text.find(_HTTP)
    fix = None
    if at >= 0 and text.count(_HTTP) == 1:
        place = span.start + at + len(_HTTP) - len("://")
        fix = Fix("use https", Safety.UNSAFE, (Edit(Span(place, place), "s"),))
    return ctx.finding(
        span, f"{shown_url(text)} is fetched without encryption: use https, or verify a checksum", fix=fix
    )
