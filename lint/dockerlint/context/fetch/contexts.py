"""From what a user names as a build context to a folder with its files.

A folder is taken as it is. All else is put into a temporary folder, which goes away in the end:

    git repositories    https://host/x.git#REF:SUBDIR, git@host:x.git, github.com/x/y, ssh://…, file:///x.git#REF:SUBDIR
    archives            a file, a URL, or standard input: tar, also with gzip, bzip2, xz or zstd
    Dockerfiles         a URL or standard input that is no archive: then the context is empty
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from dockerlint.context.fetch.archives import Joined, looks_packed, read_fully, unpack
from dockerlint.context.fetch.downloads import downloaded
from dockerlint.context.fetch.limits import Budget, ContextError, Limits, Metered, Progress, Stream
from dockerlint.context.fetch.repositories import checkout
from dockerlint.context.git_reference import GitReference, parse_git_reference
from dockerlint.syntax.invalid import quoted

STDIN = "-"

_URLS = ("http://", "https://")
_LOCAL_GIT = "file://"
_HEAD = 512
_MOST_DOCKERFILE = 10_000_000


class FetchedContext(NamedTuple):
    """A build context as a folder. `dockerfile` is the text of a Dockerfile that came alone, None if it is in the
    folder.
    """

    folder: str
    dockerfile: bytes | None = None


def is_elsewhere(text: str) -> bool:
    """Whether a context has to be fetched: it is no path of this machine, or it is an archive."""
    if text == STDIN or text.startswith((*_URLS, _LOCAL_GIT)):
        return True
    if os.path.isdir(text):
        return False
    return isinstance(parse_git_reference(text), GitReference) or _is_archive(text)


@contextmanager
def fetched(text: str, stdin: Stream, limits: Limits, progress: Progress) -> Iterator[FetchedContext]:
    """The context that a text means; see the module for what that may be.

    Raises `ContextError`, and `OSError` for a file of this machine that cannot be read.
    """
    if text != STDIN and os.path.isdir(text):
        yield FetchedContext(text)
        return
    budget = Budget("standard input" if text == STDIN else quoted(text), limits, progress)
    folder = tempfile.mkdtemp(prefix="dlint-context-")
    try:
        yield _fetch(text, stdin, os.path.join(folder, "context"), budget)
    finally:
        _remove(folder)


def _fetch(text: str, stdin: Stream, folder: str, budget: Budget) -> FetchedContext:
    os.mkdir(folder, 0o700)
    if text == STDIN:
        return _of_stream(Metered(stdin, budget), folder, budget)
    if text.startswith(_LOCAL_GIT):
        return _of_repository(_local_repository(text), folder, budget)
    reference = parse_git_reference(text)
    if isinstance(reference, GitReference):
        return _of_repository(reference, folder, budget)
    if reference.kind == "query":
        raise ContextError(f"{budget.what}: {reference.reason}")
    if text.startswith(_URLS):
        with downloaded(text, budget) as answer:
            return _of_stream(answer, folder, budget)
    with open(text, "rb") as file:
        unpack(Metered(file, budget), folder, budget)
    return FetchedContext(folder)


def _of_stream(stream: Stream, folder: str, budget: Budget) -> FetchedContext:
    """An archive is the context, anything else a Dockerfile without one."""
    head = read_fully(stream, _HEAD)
    if looks_packed(head):
        unpack(Joined(head, stream), folder, budget)
        return FetchedContext(folder)
    text = head + read_fully(stream, _MOST_DOCKERFILE)
    if len(text) > _MOST_DOCKERFILE:
        raise ContextError(f"{budget.what}: it is no archive, and too large for a Dockerfile")
    return FetchedContext(folder, text)


def _of_repository(reference: GitReference, folder: str, budget: Budget) -> FetchedContext:
    checkout(reference, folder, budget, keep_history=bool(reference.keep_git_dir))
    subdir = os.path.normpath(os.path.join(folder, reference.subdir.lstrip("/")))
    inside = os.path.realpath(subdir)
    if not (inside + os.sep).startswith(os.path.realpath(folder) + os.sep):
        raise ContextError(f"{budget.what}: {quoted(reference.subdir)} leads out of the repository")
    if not os.path.isdir(inside):
        raise ContextError(f"{budget.what}: the repository has no folder {quoted(reference.subdir)}")
    return FetchedContext(inside)


def _local_repository(text: str) -> GitReference:
    """`file:///path#REF:SUBDIR`, which only we read, for repositories on this machine."""
    remote, _, fragment = text.partition("#")
    ref, _, subdir = fragment.partition(":")
    return GitReference(remote, remote.rpartition("/")[2].removesuffix(".git"), ref, subdir)


def _is_archive(path: str) -> bool:
    """Whether a path is that of an archive."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return False
        with open(path, "rb") as file:
            return looks_packed(file.read(_HEAD))
    except (OSError, ValueError):
        return False


def _remove(folder: str) -> None:
    """Remove what was fetched, also folders that nobody may write to."""
    for path, names, _ in os.walk(folder):
        for name in names:
            inner = os.path.join(path, name)
            if not os.path.islink(inner):
                os.chmod(inner, 0o700)
    shutil.rmtree(folder, ignore_errors=True)
