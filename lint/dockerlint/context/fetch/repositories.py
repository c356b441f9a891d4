"""Fetches one commit of a git repository with the `git` program, within limits.

Nothing of the repository is run: no hooks, no submodules, no filters of large files. Questions are answered by failing.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO

from dockerlint.context.fetch.limits import Budget, ContextError
from dockerlint.context.git_reference import GitReference

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MOST_OUTPUT = 1 << 16
_PAUSE = 0.05
_SETTINGS = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.askPass": "true",
    "credential.interactive": "false",
    "fetch.recurseSubmodules": "false",
    "submodule.recurse": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "protocol.ext.allow": "never",
    "filter.lfs.smudge": "",
    "filter.lfs.process": "",
    "filter.lfs.required": "false",
    "advice.detachedHead": "false",
}


def checkout(reference: GitReference, folder: str, budget: Budget, *, keep_history: bool = False) -> None:
    """Put the files of a repository, as a reference names them, into an empty folder.

    The whole work tree comes, whatever `subdir` says. With `keep_history` its folder `.git` stays, else it goes.
    Raises `ContextError`: without `git`, for what cannot be fetched, and beyond the limits.
    """
    program = shutil.which("git")
    if program is None:
        raise ContextError(f"{budget.what}: fetching it needs the program git, which is not installed")
    repository = _Repository(program, folder, budget)
    repository.run("init", "--quiet", "--template=", folder)
    commit = _fetched(repository, reference)
    if reference.checksum and not commit.startswith(reference.checksum.lower()):
        raise ContextError(f"{budget.what}: it is commit {commit}, not {reference.checksum}")
    repository.measure(commit)
    repository.run("checkout", "--quiet", "--force", "--detach", commit)
    if not keep_history:
        shutil.rmtree(os.path.join(folder, ".git"))


def _fetched(repository: _Repository, reference: GitReference) -> str:
    """Fetch what the reference means, without its history where the server allows that; the commit."""
    wanted = reference.ref or "HEAD"
    shallow = ("fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--", reference.remote)
    if not _COMMIT.fullmatch(wanted):
        try:
            repository.run(*shallow, wanted)
        except ContextError as error:
            # A plain file server knows no shallow copies.
            if "shallow" not in str(error):
                raise
            repository.run(*(word for word in shallow if word != "--depth=1"), wanted)
        return repository.run("rev-parse", "--verify", "FETCH_HEAD^{commit}")
    try:
        repository.run(*shallow, wanted)
    except ContextError:
        # Not every server gives out commits by their number: then all that has a name is fetched.
        repository.run("fetch", "--quiet", "--no-recurse-submodules", "--", reference.remote, "+refs/*:refs/context/*")
    return repository.run("rev-parse", "--verify", f"{wanted}^{{commit}}")


class _Repository:
    """Runs git in one folder, and watches what that costs."""

    def __init__(self, program: str, folder: str, budget: Budget) -> None:
        self._program = program
        self._folder = folder
        self._budget = budget
        self._environment = _environment(os.environ)

    def run(self, *arguments: str) -> str:
        """Run one command of git; its output without the blanks around it. Raises `ContextError` if it fails."""
        command = self._command(*arguments)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
            status = self._wait(command, out, errors)
            if status:
                raise ContextError(
                    f"{self._budget.what}: git cannot fetch it: {_last_line(errors) or f'status {status}'}"
                )
            return _text(out).strip()

    def measure(self, commit: str) -> None:
        """Count what a checkout of a commit would write: a small repository can hold very much of the same.

        Raises `ContextError` beyond the limits.
        """
        command = self._command("ls-tree", "-r", "-l", "-z", "--full-tree", commit)
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self._environment,
            start_new_session=True,
        )
        assert process.stdout is not None, "it is a pipe"
        with process.stdout as listing:
            try:
                rest = b""
                while chunk := listing.read(_MOST_OUTPUT):
                    *records, rest = (rest + chunk).split(b"\0")
                    for record in records:
                        size = record.partition(b"\t")[0].rpartition(b" ")[2]
                        self._budget.enter()
                        self._budget.unpack(int(size) if size.isdigit() else 0)
            finally:
                _end(process)

    def _command(self, *arguments: str) -> list[str]:
        settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
        return [self._program, *settings, "-C", self._folder, *arguments]

    def _wait(self, command: Sequence[str], out: IO[bytes], errors: IO[bytes]) -> int:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=errors, env=self._environment, start_new_session=True
        )
        try:
            while True:
                with suppress(subprocess.TimeoutExpired):
                    return process.wait(_PAUSE)
                self._budget.check_time()
                self._budget.hold(_size(os.path.join(self._folder, ".git")))
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process that still runs; it may have helpers of its own, which are in its group."""
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    """The environment without what would lead git to another repository, or let it ask somebody."""
    kept = {name: value for name, value in given.items() if not name.startswith("GIT_") or name.startswith("GIT_SSL")}
    ssh = given.get("GIT_SSH_COMMAND", "ssh")
    return {
        **kept,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "true",
        "SSH_ASKPASS": "true",
        "GIT_SSH_COMMAND": f"{ssh} -o BatchMode=yes",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        "LC_ALL": "C.UTF-8",
    }


def _size(folder: str) -> int:
    """The bytes in a folder of git's, as far as they can be seen while it works."""
    total = 0
    waiting = [folder]
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
    return total


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read(_MOST_OUTPUT).decode("utf-8", "replace")


def _last_line(file: IO[bytes]) -> str:
    """What git said last, without its own mark."""
    lines = [line.strip() for line in _text(file).splitlines() if line.strip()]
    return lines[-1].removeprefix("fatal: ") if lines else ""
