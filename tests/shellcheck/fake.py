"""Programs that stand for ShellCheck in tests."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from dockerlint.shellcheck.program import Program


def make(folder: Path, body: str) -> Program:
    """A program that runs some Python lines; its arguments are in `names` (the files) and `arguments` (all)."""
    path = folder / "shellcheck"
    path.write_text(
        f"#!{sys.executable}\nimport json, os, sys, time\narguments = sys.argv[1:]\n"
        f"names = [name for name in arguments if not name.startswith('-')]\n{body}\n"
    )
    path.chmod(0o755)
    return Program(str(path), f"fake {body}")


def comment(**changes: object) -> dict[str, object]:
    """A comment as ShellCheck writes it, with changes."""
    place = {"file": "0", "line": 1, "endLine": 1, "column": 1, "endColumn": 2}
    return {**place, "level": "info", "code": 2086, "message": "Quote it.", "fix": None, **changes}


def output(*comments: dict[str, object]) -> bytes:
    return json.dumps({"comments": list(comments)}).encode()
