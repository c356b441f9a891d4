"""How long a large build context takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

#: What the program may take for 50,000 files: seconds of a processor, and bytes of memory.
SECONDS = 3.0
MEMORY = 500_000_000

DOCKERFILE = "FROM debian:bookworm-slim\nWORKDIR /app\nCOPY d1 ./first\nCOPY . .\nRUN rm -rf /app/d2\n"

_MEASURE = """
import json, os, resource, sys
from dockerlint.cli.main import main
sys.stdout = open(os.devnull, "w")
try:
    main(sys.argv[1:])
except SystemExit:
    pass
used = resource.getrusage(resource.RUSAGE_SELF)
# Unlike ru_maxrss this leaves out what the process held before it became this program: the memory of the tests.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM:"))
print(json.dumps([used.ru_utime + used.ru_stime, int(peak.split()[1]) * 1024]), file=sys.__stdout__)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is told in other units elsewhere")
def test_fifty_thousand_files(tmp_path: Path) -> None:
    for number in range(500):
        folder = tmp_path / f"d{number}"
        folder.mkdir()
        for name in range(100):
            os.close(os.open(folder / f"file{name}.js", os.O_CREAT | os.O_WRONLY, 0o644))
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / ".dockerignore").write_text("**/*.log\n**/node_modules\n.git\n!d7/**\n")
    command = [sys.executable, "-c", _MEASURE, "layers", "--no-config", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, memory = json.loads(done.stdout)
    assert seconds < SECONDS
    assert memory < MEMORY
