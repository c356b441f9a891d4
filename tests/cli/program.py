"""Runs the program as users do: in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

START = "from dockerlint.cli.main import main; raise SystemExit(main())"


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without anything that changes what dlint does."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DLINT_", "HADOLINT_"))}
    kept |= {"XDG_CONFIG_HOME": "/nonexistent", "PYTHONIOENCODING": "utf-8"}
    # Whether and which ShellCheck is installed is not to matter; tests about it switch it on.
    kept |= {"DLINT_SHELLCHECK": "off", "XDG_CACHE_HOME": "/nonexistent"}
    kept.pop("NO_COLOR", None)
    return kept | dict(more or {})


def dlint(
    *arguments: str | Path, cwd: Path, stdin: str = "", env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """What a run writes, and its exit status."""
    return subprocess.run(
        [sys.executable, "-c", START, *map(str, arguments)],
        cwd=cwd,
        input=stdin,
        env=environment(env),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
