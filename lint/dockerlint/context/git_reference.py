"""Git repositories as build contexts and as sources of ADD, in all spellings that BuildKit reads.

https://host/path.git#REF:SUBDIR      https://host/path.git?branch=NAME&subdir=DIR      git@host:path.git#REF
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from dockerlint.syntax.booleans import parse_bool
from dockerlint.syntax.invalid import Invalid, quoted
from dockerlint.syntax.nearest import did_you_mean

_SCHEME = re.compile(r"([a-zA-Z0-9]+)://")
_SCHEMES = ("http", "https", "ssh", "git")
_UNENCRYPTED = ("http", "git")
_SCP = re.compile(r"([a-zA-Z0-9_-]+)@([a-zA-Z0-9.-]+):([^\n]*)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"(?:\[[^\[\]]*\]|[^\s\[\]:^`{}|\\]*)(?::[0-9]*)?")
_GITHUB = "github.com/"
_TAGS, _BRANCHES = "refs/tags/", "refs/heads/"
_FLAGS = ("submodules", "keep-git-dir", "fetch-by-commit")
_MTIMES = ("checkout", "commit")


class GitUrl(NamedTuple):
    """The parts of a git URL; what is missing is blank.

    `scheme` is in lower case (`ssh` for `user@host:path`), `host` with the port. `query` holds each name once, with
    its values in the order of the text. `remote` is what git itself is given: the URL without query and fragment.
    """

    scheme: str
    user: str
    password: str | None
    host: str
    path: str
    ref: str
    subdir: str
    query: tuple[tuple[str, tuple[str, ...]], ...]
    remote: str


class GitReference(NamedTuple):
    """What to fetch from a git repository: texts are blank and switches None or False where nothing is said.

    `short_name` is the last part of the path without `.git`. `ref` is a branch, a tag or a commit, as `refs/heads/…`
    or `refs/tags/…` if the query names it so. `checksum` is the commit that it must be. `unencrypted` tells http and
    git URLs, `looks_local` the spelling `github.com/…` without a scheme, which could be a path (only a build context
    may be written so).
    """

    remote: str
    short_name: str
    ref: str
    subdir: str
    checksum: str = ""
    mtime: str = ""
    fetch_by_commit: bool = False
    keep_git_dir: bool | None = None
    submodules: bool | None = None
    unencrypted: bool = False
    looks_local: bool = False

    def fragment_form(self, *, with_subdir: bool) -> str:
        """The reference in the older spelling `REMOTE#REF:SUBDIR`; nothing else of the query can be said so."""
        subdir = self.subdir.removeprefix("/") if with_subdir else ""
        fragment = f"{self.ref}:{subdir}" if subdir else self.ref
        return f"{self.remote}#{fragment}" if fragment else self.remote


def parse_git_reference(text: str) -> GitReference | Invalid:
    """The git reference that a build context or a source of ADD is, or why it is none.

    Kind `not-git`: the text means something else, a local path or a file to download (a URL with http or https is a
    repository only if its path ends with `.git`). Kind `query`: it is a repository, but its options are unknown or
    contradict each other, which stops the build.
    """
    looks_local = text.startswith(_GITHUB)
    if text.startswith(("./", "../")):
        return Invalid(f"{quoted(text)} is a local path", 0, len(text), "not-git")
    url = parse_git_url(f"https://{text}" if looks_local else text)
    if isinstance(url, Invalid):
        return Invalid(url.reason, 0, len(text), "not-git")
    if url.scheme in ("http", "https") and not looks_local and not url.path.endswith(".git"):
        reason = f"{quoted(text)} is a file to download: the path of a repository ends with '.git'"
        return Invalid(reason, 0, len(text), "not-git")
    remote = url.remote.removeprefix("https://") if looks_local else url.remote
    reference = GitReference(
        remote,
        short_name=remote.rpartition("/")[2].removesuffix(".git"),
        ref=url.ref,
        subdir=url.subdir,
        unencrypted=url.scheme in _UNENCRYPTED,
        looks_local=looks_local,
    )
    return _with_query(reference, url.query, text)


def parse_git_url(text: str) -> GitUrl | Invalid:
    """The parts of a URL with the scheme http, https, ssh or git, or of the form `user@host:path`."""
    scheme = _SCHEME.match(text)
    if scheme is not None:
        if scheme[1].lower() not in _SCHEMES:
            return Invalid(f"{quoted(scheme[1])} is no protocol of git", 0, scheme.end(1))
        return _parse_url(text, scheme[1].lower(), scheme.end())
    scp = _SCP.fullmatch(text)
    if scp is None:
        return Invalid(f"{quoted(text)} is not the URL of a git repository", 0, len(text))
    rest, _, fragment = scp[3].partition("#")
    path, _, query = rest.partition("?")
    values = _parse_query(query)
    if values is None:
        return Invalid(f"the query {quoted(query)} is not well-formed", 0, len(text))
    ref, _, subdir = fragment.partition(":")
    remote = f"{scp[1]}@{scp[2]}:{path}"
    return GitUrl("ssh", scp[1], None, scp[2], path, ref, subdir, values, remote)


def _parse_url(text: str, scheme: str, start: int) -> GitUrl | Invalid:
    """A URL whose authority starts at `start`; strict where Go's `url.Parse` is."""
    control = _CONTROL.search(text)
    if control is not None:
        return Invalid(f"the URL {quoted(text)} holds a control character", control.start(), control.end())
    whole, _, fragment = text[start:].partition("#")
    whole, _, query = whole.partition("?")
    authority, slash, path = whole.partition("/")
    login, _, host = authority.rpartition("@")
    user, colon, password = login.partition(":")
    bad = next((part for part in (login, path, fragment) if _BAD_ESCAPE.search(part)), None)
    if bad is not None:
        return Invalid(f"{quoted(bad)} has a percent sign that starts no escape", start, len(text))
    if not _HOST.fullmatch(host):
        return Invalid(f"{quoted(host)} is not a host with an optional port", start, start + len(authority))
    ref, _, subdir = _unescaped(fragment).partition(":")
    return GitUrl(
        scheme,
        _unescaped(user),
        _unescaped(password) if colon else None,
        host,
        _unescaped(slash + path),
        ref,
        subdir,
        _parse_query(query, strict=False) or (),
        f"{scheme}://{whole}",
    )


def _parse_query(query: str, *, strict: bool = True) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
    """Names and values of a query; None for a malformed one if `strict`, else without its malformed parts.

    A semicolon does not part two options and makes the part malformed, as in Go.
    """
    values: dict[str, tuple[str, ...]] = {}
    for part in query.split("&"):
        if ";" in part or _BAD_ESCAPE.search(part):
            if strict:
                return None
        elif part:
            name, _, value = part.replace("+", " ").partition("=")
            name = _unescaped(name)
            values[name] = (*values.get(name, ()), _unescaped(value))
    return tuple(values.items())


def _unescaped(text: str) -> str:
    if "%" not in text:
        return text
    from urllib.parse import unquote  # noqa: PLC0415  # slow to import, seldom needed

    return unquote(text)


def _with_query(
    reference: GitReference, query: tuple[tuple[str, tuple[str, ...]], ...], text: str
) -> GitReference | Invalid:
    """The reference with the options of the query, or what is wrong with these."""
    refs: dict[str, str] = {}
    at = text.find("?") + 1
    end = text.find("#", at) if text.find("#", at) >= 0 else len(text)
    for name, values in query:
        value = values[0]
        problem = _query_problem(name, values)
        if problem is None and name in ("ref", "tag", "branch"):
            refs[name] = value
        elif problem is None:
            changed = _OPTIONS[name](reference, value)
            if isinstance(changed, str):
                problem = changed
            else:
                reference = changed
        if problem is not None:
            return Invalid(problem, at, end, "query")
    ref = _chosen_ref(reference.ref, refs)
    return Invalid(ref.reason, at, end, "query") if isinstance(ref, Invalid) else reference._replace(ref=ref)


def _query_problem(name: str, values: tuple[str, ...]) -> str | None:
    if name not in _OPTIONS and name not in ("ref", "tag", "branch"):
        return f'unexpected query "{name[:40]}"{did_you_mean(name, (*_OPTIONS, "ref", "tag", "branch"))}'
    if len(values) > 1:
        return f"the query gives '{name}' more than once"
    if not values[0] and name not in _FLAGS:
        return f"the query gives '{name}' no value"
    return None


def _chosen_ref(ref: str, given: dict[str, str]) -> str | Invalid:
    """The one ref that fragment and query agree on."""
    if "tag" in given and "branch" in given:
        return Invalid("branch conflicts with tag: name one of them", 0, 0)
    for name, prefix in (("ref", ""), ("tag", _TAGS), ("branch", _BRANCHES)):
        value = given.get(name)
        if value is not None:
            full = value if value.startswith(prefix) else prefix + value
            if ref not in ("", full):
                return Invalid(f"ref conflicts: {quoted(ref)} and {quoted(full)}", 0, 0)
            ref = full
    return ref


def _set_subdir(reference: GitReference, value: str) -> GitReference | str:
    if reference.subdir not in ("", value):
        return f"subdir conflicts: {quoted(reference.subdir)} and {quoted(value)}"
    return reference._replace(subdir=value)


def _set_mtime(reference: GitReference, value: str) -> GitReference | str:
    if value not in _MTIMES:
        return f"invalid mtime value {quoted(value)}: use {' or '.join(_MTIMES)}"
    return reference._replace(mtime=value)


def _set_checksum(reference: GitReference, value: str) -> GitReference | str:
    return reference._replace(checksum=value)


def _set_submodules(reference: GitReference, value: str) -> GitReference | str:
    switch = _switch("submodules", value)
    return switch if isinstance(switch, str) else reference._replace(submodules=switch)


def _set_keep_git_dir(reference: GitReference, value: str) -> GitReference | str:
    switch = _switch("keep-git-dir", value)
    return switch if isinstance(switch, str) else reference._replace(keep_git_dir=switch)


def _set_fetch_by_commit(reference: GitReference, value: str) -> GitReference | str:
    switch = _switch("fetch-by-commit", value)
    return switch if isinstance(switch, str) else reference._replace(fetch_by_commit=switch)


def _switch(name: str, value: str) -> bool | str:
    """The boolean of an option, which is true if only its name is given, or what is wrong."""
    switch = parse_bool(value) if value else True
    return f"invalid {name} value: {switch.reason}" if isinstance(switch, Invalid) else switch


_OPTIONS: dict[str, Callable[[GitReference, str], GitReference | str]] = {
    "subdir": _set_subdir,
    "mtime": _set_mtime,
    "checksum": _set_checksum,
    "commit": _set_checksum,
    "submodules": _set_submodules,
    "keep-git-dir": _set_keep_git_dir,
    "fetch-by-commit": _set_fetch_by_commit,
}
