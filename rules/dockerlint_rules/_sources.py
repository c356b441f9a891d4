"""What the sources of COPY and ADD are, by their names."""

from __future__ import annotations

import re

from dockerlint.syntax.tree import Transfer, Word

_REMOTE = re.compile(
    r"(?:https?|git|ssh)://|[\w.-]+@[\w.-]+:|(?:www\.)?(?:github|gitlab|bitbucket)\.(?:com|org)/", re.IGNORECASE
)
_REPOSITORY = re.compile(r"\.git/?(?:[#?]|$)")

#: Endings of tar archives, plain or compressed as ADD can undo it. A lone `.gz` may be an archive or not.
_ARCHIVES = (
    *(".tar", ".gz", ".tgz", ".taz", ".bz2", ".tbz", ".tbz2", ".tb2"),
    *(".xz", ".txz", ".zst", ".tzst", ".lzma", ".tlz", ".z"),
)


def written_sources(node: Transfer) -> tuple[Word, ...]:
    """The sources without those that are heredocs."""
    markers = {heredoc.marker for heredoc in node.heredocs}
    return tuple(source for source in node.sources if source.span not in markers)


def is_remote(source: str) -> bool:
    """Whether ADD would fetch the source: a URL, or a git repository by URL, by `user@host:path` or by its `.git`.

    https://docs.docker.com/reference/dockerfile/#adding-files-from-a-git-repository
    """
    return _REMOTE.match(source) is not None or _REPOSITORY.search(source) is not None


def is_archive(source: str) -> bool:
    """Whether the name is one of an archive that ADD unpacks; for a pattern, whether each name that it fits is."""
    name = source.replace("\\", "/").rpartition("/")[2].lower()
    return name.endswith(_ARCHIVES) or ".tar." in name or ".tar*" in name
