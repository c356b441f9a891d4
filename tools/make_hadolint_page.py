"""Write `docs/hadolint.md`: how the profile `hadolint` differs from hadolint, counted on real Dockerfiles, and why.

    python -m tools.make_hadolint_page            write the page
    python -m tools.make_hadolint_page --check    write nothing; exit with 1 if it is not up to date

It is made of what `python -m tools.measure_parity` has counted and of the explanations in `hadolint_differences.yaml`;
neither hadolint nor the Dockerfiles are needed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.hadolint_differences import COUNTS, DATA, Counts, Difference, RuleCount, entries, read_counts

PAGE = Path(__file__).resolve().parent.parent / "docs" / "hadolint.md"

HEAD = """\
<!-- Made by tools/make_hadolint_page.py from tools/hadolint_differences.yaml and tools/hadolint_counts.json. -->

# Coming from hadolint

`dlint --profile hadolint` runs hadolint's rules with hadolint's levels, threshold, settings file, variables and
comments. This page says what then differs from hadolint 2.15.1, rule by rule, and why. It is counted on {files}
Dockerfiles of public projects that both can read ({left_out} more stop hadolint); places are `PROJECT/FILE:LINE`. A
finding counts once for each instruction and rule, since hadolint points at the first line of an instruction, and
dlint at the word that is at fault.

Of hadolint's {theirs} findings dlint has {both} ({share:.1%}), and {extra} more.
"""


def page(counts: Counts, known: Sequence[Difference]) -> str:
    """The page in Markdown."""
    total = counts.total
    share = total.both / total.theirs if total.theirs else 1.0
    head = HEAD.format(
        files=counts.files,
        left_out=counts.left_out,
        theirs=total.theirs,
        both=total.both,
        share=share,
        extra=total.extra,
    )
    lines = [head, "| rule | hadolint | dlint | both | missed | extra |", "|---|--:|--:|--:|--:|--:|"]
    lines += [_row(code, row, known) for code, row in counts.rules.items()]
    lines.append(_cells("all", total))
    for kind, title in (
        ("missed", "What hadolint reports and dlint does not"),
        ("extra", "What dlint reports besides"),
    ):
        lines += ["", f"## {title}"]
        for entry in known:
            if entry.kind == kind:
                lines += _section(entry, counts.covered.get(entry.name, 0))
    return "\n".join(lines) + "\n"


def _row(code: str, row: RuleCount, known: Sequence[Difference]) -> str:
    name = f"[{code}](rules/{code}.md)"
    if any(code in entry.rules for entry in known):
        first = next(entry for entry in known if code in entry.rules)
        name += f" [*](#{_anchor(first.name)})"
    return _cells(name, row)


def _cells(name: str, row: RuleCount) -> str:
    return f"| {name} | {row.theirs} | {row.ours} | {row.both} | {row.missed} | {row.extra} |"


def _section(entry: Difference, covered: int) -> Iterator[str]:
    yield ""
    yield f"### {entry.name}"
    yield ""
    yield f"{', '.join(entry.rules)}: {covered} finding{'' if covered == 1 else 's'}. {entry.differs}"
    yield ""
    yield entry.why
    yield ""
    yield f"For example {' and '.join(f'`{example}`' for example in entry.examples)}."


def _anchor(title: str) -> str:
    """The anchor that GitHub gives a heading."""
    return "".join(char for char in title.lower().replace(" ", "-") if char.isalnum() or char in "-_")


def main(arguments: Sequence[str], file: Path = PAGE) -> int:
    """Write or check the page; gives the exit status."""
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    counts = read_counts(COUNTS.read_text(encoding="utf-8"))
    text = page(counts, entries(DATA.read_text(encoding="utf-8")))
    if not arguments:
        file.write_text(text, encoding="utf-8", newline="\n")
    elif not file.exists() or file.read_text(encoding="utf-8") != text:
        print(f"docs/{file.name} is not up to date. Run `make docs`, and commit what it writes.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
