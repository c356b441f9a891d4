"""Write `docs/rules`: a page for each built-in rule, and an index, from the rules' own manuals.

    python tools/make_rule_docs.py            write the pages, and remove those of rules that are gone
    python tools/make_rule_docs.py --check    write nothing; exit with 1 and say what is not up to date

The package must be installed, since rules are found through its entry point. Pages of other packs are not written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from dockerlint.cli.rule_page import level, page
from dockerlint.registry import load
from dockerlint.rule import Rule

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "rules"
INDEX = "README.md"
PACK = "dockerlint_rules"

NOTE = "<!-- Made by tools/make_rule_docs.py from the rules' docstrings: change those, and run `make docs`. -->\n\n"

#: What rules are about, by the start of their code.
FAMILIES = {
    "DL1": "Syntax, directives, suppressions",
    "DL3": "Instructions (with codes of hadolint)",
    "DL4": "Instructions (with codes of hadolint), continued",
    "DL5": "Structure, stages, variables",
    "DL6": "Layers, size, cache",
    "DL7": "Security",
    "DL8": "Maintainability and runtime behaviour",
}


def pages(rules: Iterable[Rule]) -> dict[str, str]:
    """The text of each file by its name."""
    ordered = sorted(rules, key=lambda rule: rule.code)
    return {INDEX: index(ordered)} | {f"{rule.code}.md": NOTE + page(rule) for rule in ordered}


def index(rules: Sequence[Rule]) -> str:
    """The list of all rules, by subject. Rules must come by code."""
    lines = [
        "# Rules",
        "",
        "A level in brackets is that of a rule which is off until it is selected. `dlint explain CODE` prints a page.",
    ]
    for family, members in groupby(rules, key=lambda rule: rule.code[:3]):
        lines += ["", f"## {FAMILIES.get(family, family)}", "", "| Code | Name | Level | hadolint | What is wrong |"]
        lines += ["|---|---|---|---|---|", *map(_row, members)]
    return NOTE + "\n".join(lines) + "\n"


def _row(rule: Rule) -> str:
    label = f"({rule.severity.label})" if rule.off else rule.severity.label
    summary = rule.summary.replace("|", "\\|")
    return f"| [{rule.code}]({rule.code}.md) | {rule.name} | {label} | {level(rule, 'hadolint')} | {summary} |"


def stale(folder: Path, wanted: Mapping[str, str]) -> list[str]:
    """What differs between a folder and what it should hold, one sentence each."""
    found = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md"))}
    missing = [f"{name} is missing" for name in wanted if name not in found]
    changed = [f"{name} is not up to date" for name, text in wanted.items() if found.get(name, text) != text]
    surplus = [f"{name} belongs to no rule" for name in found if name not in wanted]
    return missing + changed + surplus


def update(folder: Path, wanted: Mapping[str, str]) -> None:
    """Make a folder hold just these pages."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def main(arguments: Sequence[str], folder: Path = FOLDER) -> int:
    """Write or check the pages; gives the exit status."""
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    wanted = pages(rule for rule in load().rules if rule.check.__module__.split(".")[0] == PACK)
    if not arguments:
        update(folder, wanted)
        return 0
    problems = stale(folder, wanted)
    for problem in problems:
        print(f"docs/rules/{problem}")
    if problems:
        print("Run `make docs`, and commit what it writes.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
