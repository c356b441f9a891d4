"""What a build fetches without saying which version, so that the cache keeps an old one unseen."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint.context.git_reference import parse_git_reference
from dockerlint.finding import Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.shell.downloads import DOWNLOADERS
from dockerlint.shell.options import Syntax, names, read_options
from dockerlint.shell.script import Command, Word
from dockerlint.source import Span
from dockerlint.syntax.invalid import Invalid, quoted
from dockerlint.syntax.tree import Add, Instruction, Run
from dockerlint_rules._downloads import KEY_FILES, git_call, is_verified, shown_url, transfers
from dockerlint_rules._runs import here
from dockerlint_rules._sources import written_sources
from dockerlint_rules._values import value_of
from dockerlint_rules._written import as_written

_CLONE = Syntax(
    valued=names(
        "-b --branch -c --config --depth --filter -j --jobs -o --origin --reference --reference-if-able --revision"
        " --separate-git-dir --server-option --shallow-exclude --shallow-since --template -u --upload-pack"
    )
)
_PINNED = ("-b", "--branch", "--revision")
_CHOOSING = names("checkout reset switch worktree")
_REMOTE = re.compile(r"(?:https?|git|ssh|git\+ssh)://|[\w.-]+@[\w.-]+:", re.IGNORECASE)
_MOVING_PARTS = names("head latest main master nightly")
_MOVING_WORDS = names("latest nightly")
#: Folders of package repositories, where `main` is a component.
_REPOSITORIES = ("/pool/", "/dists/")
_WORDS = re.compile(r"[-_.]")


@rule(
    "DL6037",
    "unpinned-clone",
    on=(Add, Run),
    programs=("git",),
    severity=Severity.WARNING,
    aliases=("tally/prefer-add-git",),
    tags=("cache",),
)
def unpinned_clone(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    """A git repository is fetched without a branch, tag or commit.

    ## Why
    The builder takes the step from its cache as long as the line stays the same, so the code is that of the day on
    which somebody built first, and differs from one machine to the next. After the cache is gone, the same file gives
    another image. A tag or a commit says which code is meant, and to change it is a change of the file.

    A checkout of something in the same RUN counts, and so does a branch.

    ## Bad
        FROM debian:12-slim
        RUN git clone --depth 1 https://github.com/example/tool.git /src

    ## Good
        FROM debian:12-slim
        RUN git clone --depth 1 --branch v1.2 https://github.com/example/tool.git /src

    ## See
    - https://git-scm.com/docs/git-clone
    - https://docs.docker.com/reference/dockerfile/#adding-files-from-a-git-repository
    """
    if ctx.step is None:
        return
    if isinstance(node, Add):
        for word in written_sources(node):
            reference = parse_git_reference(value_of(ctx.step, word) or "")
            if isinstance(reference, Invalid) or reference.looks_local or reference.ref or reference.checksum:
                continue
            if node.flag("checksum") is None:
                message = f"{shown_url(word.text)} is whatever its default branch holds: add '#TAG' or '#COMMIT'"
                yield ctx.finding(word.span, message)
    elif isinstance(node, Run):
        commands = ctx.commands(node)
        chosen = max((number for number, command in enumerate(commands) if _chooses(command)), default=-1)
        for command in commands[chosen + 1 :]:
            url = _unpinned(command)
            if url is not None:
                shown = shown_url(as_written(url))
                message = f"{shown} is cloned as it is on the day: add '--branch TAG', or check out a commit"
                yield ctx.finding(url.span, message)


@rule(
    "DL6038",
    "moving-download-url",
    on=(Add, Run),
    programs=DOWNLOADERS,
    severity=Severity.INFO,
    tags=("cache",),
)
def moving_download_url(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    """The URL of a download names no version, so that what it gives changes while the file stays the same.

    ## Why
    The builder takes the step from its cache as long as the line stays the same: what is "latest" there is what was
    so when somebody built first. Without the cache, two builds of one file give two images, and one of them may not
    work. With a version in the URL the update is a change of the file, which can be reviewed and taken back.

    Reported are paths with a part such as `latest`, `nightly`, `main`, `master` or `HEAD`, unless a checksum or
    signature is verified in the same RUN, or it is a key that is fetched.

    ## Bad
        FROM debian:12-slim
        RUN curl -fsSLO https://example.com/releases/latest/tool.tar.gz

    ## Good
        FROM debian:12-slim
        RUN curl -fsSLO https://example.com/releases/1.2/tool.tar.gz

    ## See
    https://docs.docker.com/build/cache/invalidation/#run-instructions
    """
    if ctx.step is None:
        return
    if isinstance(node, Add):
        for source in written_sources(node):
            url = value_of(ctx.step, source)
            if url is not None and node.flag("checksum") is None and url.startswith(("http://", "https://")):
                yield from _moving(url, source.span, ctx)
    elif isinstance(node, Run):
        found = [transfer for transfer in transfers(here(node, ctx), ctx) if transfer.fetches]
        if found and not is_verified(here(node, ctx), ctx):
            for transfer in found:
                for download in transfer.downloads:
                    yield from _moving(as_written(download.url), download.url.span, ctx)


def _moving(url: str, span: Span, ctx: RuleContext) -> Iterator[Finding]:
    path = url.partition("?")[0].partition("#")[0].rpartition("://")[2]
    if path.lower().endswith(KEY_FILES) or any(folder in path for folder in _REPOSITORIES):
        return
    for part in path.split("/")[1:]:
        lower = part.lower()
        if lower in _MOVING_PARTS or not _MOVING_WORDS.isdisjoint(_WORDS.split(lower)):
            yield ctx.finding(span, f"{quoted(part)} in the URL is another version every so often: name the version")
            return


def _unpinned(command: Command) -> Word | None:
    """The URL that a command of git clones without saying what of it; None for other commands."""
    verb, words = git_call(command) if command.name == "git" else (None, ())
    if verb != "clone":
        return None
    options = read_options(words, _CLONE)
    if not options.operands or options.has(*_PINNED):
        return None
    url = options.operands[0]
    return url if _REMOTE.match(url.text if url.text is not None else url.prefix) else None


def _chooses(command: Command) -> bool:
    """Whether a command checks something out."""
    return command.name == "git" and git_call(command)[0] in _CHOOSING
