"""Draw a sample of findings in real Dockerfiles, for a person to read whether each points at the guilty word.

    python -m tools.sample_columns             draw it again from the rules that it has
    python -m tools.sample_columns --redraw    draw it from all rules that there are

100 findings of all rules in the shared corpus are drawn by a fixed seed and written to `tests/fixtures/columns.tsv`. A
line has the code, the place, how that is known to be the right one, and the text there:

    said       the message has the text, as words of their own
    keyword    the text is the keyword of an instruction, which the message names
    read       a person has read the file and found that just this text is guilty
    ?          nobody has read it yet: do so, and write `read`, or mend the rule

What has been read stays so. Places are `FILE:LINE:COLUMN-LINE:COLUMN`, counted from 1; the end is the place after the
last character.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from dockerlint.api import lint_paths
from dockerlint.finding import Finding
from dockerlint.source import Source
from tests.shared import REPOSITORY, SHARED

RECORD = REPOSITORY / "tests" / "fixtures" / "columns.tsv"
SEED = "columns"
SIZE = 100

SAID, KEYWORD, READ, UNREAD = "said", "keyword", "read", "?"

_KEYWORDS = re.compile(
    "ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|"
    "WORKDIR"
)
_PLACE = re.compile(r"(.+):(\d+):(\d+)-(\d+):(\d+)")


class Sample(NamedTuple):
    """A finding of the sample: its code, its place, how that is known to be right, and the text there."""

    code: str
    place: str
    known: str
    text: str

    @property
    def file(self) -> str:
        """The file below the corpus."""
        return _place(self.place)[0]

    def line(self) -> str:
        """The line in the record."""
        return f"{self.code}\t{self.place}\t{self.known}\t{json.dumps(self.text, ensure_ascii=False)}\n"


def recorded() -> list[Sample]:
    """The sample as it is kept."""
    rows = (line.rstrip("\n").split("\t") for line in RECORD.read_text(encoding="utf-8").splitlines())
    return [Sample(code, place, known, json.loads(text)) for code, place, known, text in rows]


def found(files: Sequence[Path], corpus: Path) -> Iterator[tuple[str, str, Finding]]:
    """The findings of all rules in files: code, place and the finding."""
    for result in lint_paths(files, profile="all").files:
        name = Path(result.source.path).relative_to(corpus).as_posix()
        for finding in result.findings:
            yield finding.code, f"{name}:{_shown(result.source, finding)}", finding


def cut(text: str, place: str) -> str:
    """The text at a place, cut out by counting lines and characters and nothing else."""
    _, first, start, last, end = _place(place)
    lines = text.split("\n")[first - 1 : last]
    lines[-1] = lines[-1][: end - 1]
    lines[0] = lines[0][start - 1 :]
    return "\n".join(lines)


def said_of(text: str, message: str) -> str:
    """How a text is known to be what a message is about; `?` where only a person can tell."""
    joined = re.sub(r"[\\`][ \t]*\r?\n[ \t]*", "", text)
    for word in (joined, joined.strip("\"'")):
        if len(word) > 1 and re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", message):
            return SAID
    # A message names a keyword as it is written in manuals.
    return KEYWORD if _KEYWORDS.fullmatch(text.upper()) and text.upper() in message else UNREAD


def veiled(text: str, finding: Finding) -> str:
    """The text as it may be written down: of a secret, which is somebody's, only the start."""
    return f"{text[:4]}…" if finding.conceals else text


def draw(findings: Sequence[tuple[str, str]], size: int = SIZE) -> list[tuple[str, str]]:
    """So many findings (code and place), as evenly from all rules as can be; the seed makes the choice."""
    of_code: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for code, place in sorted(set(findings), key=_chance):
        of_code[code].append((code, place))
    turns = ((turn, _chance((code, "")), key) for code, keys in of_code.items() for turn, key in enumerate(keys))
    return sorted(key for _, _, key in sorted(turns)[:size])


def _chance(key: tuple[str, str]) -> str:
    return hashlib.sha256("\t".join((SEED, *key)).encode()).hexdigest()


def _shown(source: Source, finding: Finding) -> str:
    start, end = source.lines.position(finding.span.start), source.lines.position(finding.span.end)
    return f"{start.line}:{start.column}-{end.line}:{end.column}"


def _place(place: str) -> tuple[str, int, int, int, int]:
    match = _PLACE.fullmatch(place)
    assert match is not None, place
    return match[1], int(match[2]), int(match[3]), int(match[4]), int(match[5])


def main(arguments: Sequence[str]) -> int:
    """Draw the sample and write it; gives the exit status."""
    corpus = (SHARED / "corpus").resolve()
    kept = {(row.code, row.place): row for row in recorded()} if RECORD.exists() else {}
    findings = {(code, place): finding for code, place, finding in found(sorted(corpus.glob("*/*ockerfile*")), corpus)}
    codes = {code for code, _ in kept} if kept and "--redraw" not in arguments else {code for code, _ in findings}
    rows = []
    for code, place in draw([key for key in findings if key[0] in codes]):
        finding = findings[code, place]
        text = cut((corpus / _place(place)[0]).read_bytes().decode("utf-8"), place)
        row = Sample(code, place, said_of(text, finding.message), veiled(text, finding))
        old = kept.get((code, place))
        if row.known == UNREAD and old is not None and old.known == READ:
            row = old
        rows.append(row)
        if row.known == UNREAD:
            print(f"{row.line()}    {finding.message}")
    RECORD.write_text("".join(row.line() for row in rows), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
