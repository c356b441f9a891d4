"""Which files of a folder git says have changed since a commit. Nothing of the repository is run."""

from __future__ import annotations

import os
import shutil
import subprocess

from dockerlint.syntax.invalid import quoted

_SECONDS = 60
_MOST_BYTES = 50_000_000
_SETTINGS = ("core.fsmonitor=false", f"core.hooksPath={os.devnull}", "core.quotePath=false", "diff.external=")


class ChangesError(Exception):
    """Git cannot tell what has changed; the message says why."""


def changed_since(folder: str, reference: str) -> tuple[str, ...]:
    """The files below a folder that differ from a commit, deleted and untracked ones too, relative to the folder.

    Files that git ignores are not among them. Raises `ChangesError`.
    """
    commit = _git(
        folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}", what=reference
    )
    name = commit.decode("ascii", "replace").strip()
    differing = _git(
        folder, "diff", "--no-ext-diff", "--no-textconv", "--name-only", "--relative", "-z", name, "--", what=reference
    )
    untracked = _git(folder, "ls-files", "--others", "--exclude-standard", "-z", what=reference)
    names = (differing + untracked).decode("utf-8", "surrogateescape").split("\0")
    return tuple(sorted({name for name in names if name}))


def text_at(folder: str, reference: str, path: str) -> str | None:
    """The text that a file below a folder had at a commit; None if it was not there. Raises `ChangesError`."""
    try:
        content = _git(folder, "cat-file", "blob", f"{reference}:./{path}", what=reference)
    except ChangesError:
        return None
    return content.decode("utf-8", "replace")


def _git(folder: str, *arguments: str, what: str) -> bytes:
    program = shutil.which("git")
    if program is None:
        raise ChangesError("knowing what has changed needs the program git, which is not installed")
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(
            [program, *settings, "-C", folder, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            env={**environment, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired as error:
        raise ChangesError(f"git takes longer than {_SECONDS} seconds in {folder}") from error
    if done.returncode:
        reason = done.stderr.decode("utf-8", "replace").strip().splitlines()
        said = reason[-1].removeprefix("fatal: ") if reason else f"there is no commit {quoted(what)}"
        raise ChangesError(f"git cannot compare {folder} with {quoted(what)}: {said}")
    if len(done.stdout) > _MOST_BYTES:
        raise ChangesError(f"more has changed in {folder} since {quoted(what)} than can be looked at")
    return done.stdout
