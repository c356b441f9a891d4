"""Facts about the source tree that no linter checks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LONGEST_MODULE = 500


def test_no_module_is_too_long_to_hold_one_idea(repository: Path) -> None:
    modules = [path for root in ("lint", "rules") for path in (repository / root).rglob("*.py")]
    lines = {path: path.read_text(encoding="utf-8").splitlines() for path in modules}
    written = {path: text for path, text in lines.items() if text and "Made by tools/" not in text[0]}
    assert written
    assert {path: len(text) for path, text in written.items() if len(text) > LONGEST_MODULE} == {}


def test_importing_the_package_imports_nothing_else() -> None:
    script = """
import sys
before = set(sys.modules)
import dockerlint
print(*sorted(set(sys.modules) - before))
"""
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert set(run.stdout.split()) <= {"dockerlint", "__future__"}
