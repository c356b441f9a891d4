"""Compare the profile `hadolint` with hadolint itself on real Dockerfiles.

    python -m tools.measure_parity [FOLDER]            measure, and write tools/hadolint_counts.json
    python -m tools.measure_parity --check [FOLDER]    write nothing; exit with 1 and say what is wrong
    python -m tools.measure_parity --show CODE [FOLDER]
                                                       list the differences of a rule that no entry covers

FOLDER holds the Dockerfiles; by default it is the corpus of the shared reference data (see tests/shared.py). hadolint
is the program that $HADOLINT names, else `hadolint` beside this Python or on PATH. `--recorded FILE` reads what
hadolint found from a file, and makes that file if there is none: only dlint has changed from one run to the next.

Findings are compared by file, instruction and code, since hadolint points at the first line of an instruction. Files
that hadolint cannot read are left out. What differs must be explained in `hadolint_differences.yaml`. It is wrong if

- less than 97 % of hadolint's findings are found,
- a finding of hadolint is missed and no entry covers it,
- more than 5 % extra findings of a rule are covered by no entry,
- an entry covers nothing, or has an example that it does not cover,
- the counts in tools/hadolint_counts.json are others.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from dockerlint.api import lint_paths, parse
from dockerlint.source import Source
from tests.shared import SHARED
from tools.hadolint_differences import COUNTS, DATA, Counts, Difference, RuleCount, entries, rules_of_hadolint

#: The least share of hadolint's findings that must be found, and the most that may be found besides without a word.
LEAST_RECALL = 0.97
MOST_EXTRA = 0.05

#: How many files hadolint is given at once.
_BATCH = 100


class Key(NamedTuple):
    """A finding as it is compared: the file below the folder, the first line of the instruction, the code."""

    file: str
    line: int
    code: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.code}"


class Findings(NamedTuple):
    """What both programs found, with their messages; the text of each instruction by file and line; files left out."""

    theirs: Mapping[Key, str]
    ours: Mapping[Key, str]
    texts: Mapping[tuple[str, int], str]
    files: int
    left_out: int

    def different(self, kind: str) -> list[Key]:
        """The findings of one of them only: `missed` by us, or `extra`."""
        first, second = (self.theirs, self.ours) if kind == "missed" else (self.ours, self.theirs)
        return sorted(first.keys() - second.keys())

    def covered(self, entry: Difference, key: Key) -> bool:
        """Whether an entry explains a finding that only one of them has."""
        message = (self.theirs if entry.kind == "missed" else self.ours)[key]
        return entry.covers(key.code, f"{key.file}:{key.line}", self.texts[key.file, key.line], message)


def hadolint_program() -> str | None:
    """The path of hadolint, None if it is not here."""
    named = os.environ.get("HADOLINT")
    beside = Path(sysconfig.get_path("scripts")) / "hadolint"
    return named or (str(beside) if beside.exists() else shutil.which("hadolint"))


def run_hadolint(program: str, files: Sequence[Path]) -> list[dict[str, object]]:
    """What hadolint reports about files, by its own defaults; a file that it dies of has a finding with code `died`."""
    found: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as empty:
        environment = {"PATH": os.environ.get("PATH", ""), "HOME": empty, "XDG_CONFIG_HOME": empty, "LC_ALL": "C.UTF-8"}
        for start in range(0, len(files), _BATCH):
            found += _run(program, files[start : start + _BATCH], environment)
    return found


def _run(program: str, files: Sequence[Path], environment: Mapping[str, str]) -> list[dict[str, object]]:
    command = [program, "--no-fail", "--format", "json", *map(str, files)]
    done = subprocess.run(command, cwd=environment["HOME"], env=environment, capture_output=True, check=False)
    try:
        rows = json.loads(done.stdout)
    except ValueError:
        rows = None
    if isinstance(rows, list):
        return rows
    if len(files) == 1:
        return [{"file": str(files[0]), "line": 1, "code": "died", "message": "hadolint printed no findings"}]
    half = len(files) // 2
    return _run(program, files[:half], environment) + _run(program, files[half:], environment)


def compare(folder: Path, files: Sequence[Path], rows: Iterable[Mapping[str, object]]) -> Findings:
    """Hold what hadolint found (`rows`) against what we find in the files of a folder."""
    codes = rules_of_hadolint()
    by_file: dict[str, list[Mapping[str, object]]] = defaultdict(list)
    for row in rows:
        by_file[Path(str(row["file"])).relative_to(folder).as_posix()].append(row)
    unread = {name for name, found in by_file.items() if any(row["code"] in ("DL1000", "died") for row in found)}
    theirs: dict[Key, str] = {}
    ours: dict[Key, str] = {}
    texts: dict[tuple[str, int], str] = {}
    read = [file for file in files if file.relative_to(folder).as_posix() not in unread]
    for result in lint_paths(read, profile="hadolint").files:
        name = Path(result.source.path).relative_to(folder).as_posix()
        starts = _instructions(result.source)
        texts |= {(name, line): text for line, text in starts.items()}
        for row in by_file[name]:
            if row["code"] in codes:
                key = Key(name, _start(starts, int(str(row["line"]))), str(row["code"]))
                theirs.setdefault(key, str(row["message"]))
        for finding in result.findings:
            if finding.code in codes:
                line = result.source.lines.position(finding.span.start).line
                ours.setdefault(Key(name, _start(starts, line), finding.code), finding.message)
    return Findings(theirs, ours, texts, len(read), len(unread))


def _instructions(source: Source) -> dict[int, str]:
    """The text of each instruction by its first line; what stands before the first belongs to line 1."""
    starts = {1: ""}
    for node in parse(source.text).instructions:
        starts[source.lines.position(node.keyword.span.start).line] = source.text[node.span.start : node.span.end]
    return starts


def _start(starts: Mapping[int, str], line: int) -> int:
    lines = sorted(starts)
    return lines[max(bisect_right(lines, line) - 1, 0)]


def counts(findings: Findings, known: Sequence[Difference]) -> Counts:
    """The figures of the page."""
    theirs, ours = Counter(key.code for key in findings.theirs), Counter(key.code for key in findings.ours)
    both = Counter(key.code for key in findings.theirs.keys() & findings.ours.keys())
    rules = {code: RuleCount(theirs[code], ours[code], both[code]) for code in sorted(theirs | ours)}
    covered = {
        entry.name: sum(findings.covered(entry, key) for key in findings.different(entry.kind)) for entry in known
    }
    return Counts(findings.files, findings.left_out, rules, covered)


def uncovered(findings: Findings, known: Sequence[Difference], kind: str) -> list[Key]:
    """The findings of one program that no entry explains."""
    return [
        key
        for key in findings.different(kind)
        if not any(entry.kind == kind and findings.covered(entry, key) for entry in known)
    ]


def problems(findings: Findings, known: Sequence[Difference]) -> Iterator[str]:
    """What is wrong, one sentence each."""
    total, found = len(findings.theirs), len(findings.theirs.keys() & findings.ours.keys())
    if found < LEAST_RECALL * total:
        yield f"only {found} of hadolint's {total} findings are found ({found / total:.1%})"
    missed = Counter(key.code for key in uncovered(findings, known, "missed"))
    yield from (f"{code}: {count} missed without an entry" for code, count in sorted(missed.items()))
    theirs = Counter(key.code for key in findings.theirs)
    extra = Counter(key.code for key in uncovered(findings, known, "extra"))
    for code, count in sorted(extra.items()):
        if count > MOST_EXTRA * theirs[code]:
            yield f"{code}: {count} extra without an entry, beside {theirs[code]} of hadolint's"
    for entry in known:
        covered = {key for key in findings.different(entry.kind) if findings.covered(entry, key)}
        for code in entry.rules:
            if not any(key.code == code for key in covered):
                yield f"{entry.name}: covers nothing of {code}"
        places = {f"{key.file}:{key.line}" for key in covered}
        for example in entry.examples:
            if example not in places:
                yield f"{entry.name}: the example {example} is not one of what it covers"
        if len(entry.examples) < min(2, len(places)):
            yield f"{entry.name}: has fewer than two examples"


def _show(findings: Findings, known: Sequence[Difference], codes: str) -> None:
    for kind, said in (("missed", findings.theirs), ("extra", findings.ours)):
        for key in uncovered(findings, known, kind):
            if key.code.startswith(tuple(codes.split(","))):
                print(f"{kind} {key}\n    {said[key]}\n    {findings.texts[key.file, key.line][:600]}")


def _recorded(record: Path | None, program: str | None, files: Sequence[Path]) -> list[dict[str, object]] | None:
    if record is not None and record.exists():
        rows = json.loads(record.read_text(encoding="utf-8"))
        assert isinstance(rows, list)
        return rows
    if program is None:
        return None
    found = run_hadolint(program, files)
    if record is not None:
        record.write_text(json.dumps(found), encoding="utf-8")
    return found


def main(arguments: Sequence[str]) -> int:
    """Measure, check or show; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=SHARED / "corpus", help="where the Dockerfiles are")
    parser.add_argument("--check", action="store_true", help="write nothing, say what is wrong")
    parser.add_argument("--show", metavar="CODES", help="list what no entry covers of these rules, by commas")
    parser.add_argument("--recorded", type=Path, metavar="FILE", help="what hadolint found")
    options = parser.parse_args(arguments)
    folder = options.folder.resolve()
    files = sorted(path for path in folder.glob("*/*") if path.is_file())
    rows = _recorded(options.recorded, hadolint_program(), files)
    if not files or rows is None:
        print(
            "no Dockerfiles are there" if not files else "hadolint is not here: name it by $HADOLINT", file=sys.stderr
        )
        return 2
    known = entries(DATA.read_text(encoding="utf-8"))
    findings = compare(folder, files, rows)
    if options.show:
        _show(findings, known, options.show)
        return 0
    measured = counts(findings, known)
    wrong = [*problems(findings, known)]
    if not options.check:
        COUNTS.write_text(measured.as_json(), encoding="utf-8", newline="\n")
    elif COUNTS.read_text(encoding="utf-8") != measured.as_json():
        wrong.append("tools/hadolint_counts.json has other counts: run python -m tools.measure_parity, and `make docs`")
    print(*wrong, measured.summary(), sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
