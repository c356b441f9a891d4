"""Write `docs/comparison.md`: what other tools report, and which rules of dlint say the same.

    python tools/make_comparison.py            write the page
    python tools/make_comparison.py --check    write nothing; exit with 1 and say what is wrong

The tools and their rules are data (`peer_rules.yaml`). What covers a rule comes from the codes, names and aliases of
the installed rules. It is wrong if a rule of another tool is neither covered nor has a reason, has both, or if an
alias names a rule that no tool has.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from dockerlint.registry import Registry, load, normalised
from dockerlint.rule import Rule

DATA = Path(__file__).with_name("peer_rules.yaml")
PAGE = Path(__file__).resolve().parent.parent / "docs" / "comparison.md"

HEAD = """\
<!-- Made by tools/make_comparison.py from peer_rules.yaml and our aliases: change those, and run `make docs`. -->

# dlint beside other tools

What other tools report about Dockerfiles, and which rules of dlint report it too. Their rules may be named wherever a
rule of dlint may: in settings, on the command line, and in comments that silence findings. Covering means to report
the same mistake, not to repeat each finding: what is different on purpose is told in the manual of the rule. For
hadolint it is also counted, on real files, in [hadolint.md](hadolint.md).
"""


class PeerRule(NamedTuple):
    """A rule of another tool: its id as our aliases have it, a title in our words, and why we have no such rule."""

    id: str
    title: str
    why_not: str = ""


class Peer(NamedTuple):
    """Another tool, where its rules are listed, when that was read, and the rules.

    `known` are ids besides, which may be aliases but need not be covered.
    """

    name: str
    source: str
    date: str
    rules: tuple[PeerRule, ...] = ()
    known: tuple[str, ...] = ()


def peers(text: str) -> tuple[Peer, ...]:
    """The tools in the data."""
    return tuple(
        Peer(
            tool["tool"],
            tool["source"],
            str(tool["date"]),
            tuple(_rule(name, value) for name, value in tool.get("rules", {}).items()),
            tuple(tool.get("known", ())),
        )
        for tool in yaml.safe_load(text)
    )


def _rule(name: str, value: Any) -> PeerRule:
    return PeerRule(name, value) if isinstance(value, str) else PeerRule(name, value["title"], value["why-not"])


#: Stands for all codes of ShellCheck: no rule is behind them, what it finds is passed on.
SHELLCHECK = "SC*"


def covering(registry: Registry, name: str) -> tuple[Rule, ...]:
    """The rules that have an id as code, name or alias; none for ShellCheck's codes, which are passed on."""
    return () if name == SHELLCHECK else registry.named(name)


def problems(tools: Sequence[Peer], registry: Registry) -> Iterator[str]:
    """What is wrong with the data or with the aliases, one sentence each."""
    known: dict[str, str] = {}
    for tool in tools:
        for name in (*(rule.id for rule in tool.rules), *tool.known):
            if known.setdefault(normalised(name), tool.name) != tool.name:
                yield f"{name} belongs to {known[normalised(name)]} and to {tool.name}"
        for rule in tool.rules:
            found = covering(registry, rule.id)
            if found and rule.why_not:
                yield f"{tool.name} {rule.id} is covered by {_codes(found)} and has a reason why it is not"
            if not found and not rule.why_not and rule.id != SHELLCHECK:
                yield f"{tool.name} {rule.id} ({rule.title}) is not covered and has no reason"
    for own in registry.rules:
        for alias in own.aliases:
            if normalised(alias) not in known:
                yield f"{own.code} has the alias {alias}, which no tool knows"


def page(tools: Sequence[Peer], registry: Registry) -> str:
    """The page in Markdown."""
    lines = [HEAD, "| tool | rules | covered |", "|---|---|---|"]
    listed = [tool for tool in tools if tool.rules]
    for tool in listed:
        covered = sum(bool(_cell(rule, registry)) and not rule.why_not for rule in tool.rules)
        lines.append(f"| [{tool.name}](#{_anchor(tool.name)}) | {len(tool.rules)} | {covered} |")
    for tool in listed:
        lines += ["", f"## {tool.name}", "", f"From <{tool.source}>, read {tool.date}.", ""]
        lines += ["| rule | what it reports | dlint |", "|---|---|---|"]
        for rule in tool.rules:
            lines.append(f"| {rule.id} | {rule.title} | {_cell(rule, registry)} |")
    lines += ["", "## Further tools", "", "Of these only what dlint covers is listed.", ""]
    lines += ["| tool | rule | dlint |", "|---|---|---|"]
    for tool in tools:
        if not tool.rules:
            rows = ((name, covering(registry, name)) for name in tool.known)
            lines += [f"| [{tool.name}]({tool.source}) | {name} | {_links(found)} |" for name, found in rows if found]
    return "\n".join(lines) + "\n"


def _cell(rule: PeerRule, registry: Registry) -> str:
    if rule.id == SHELLCHECK:
        return "the same code, where ShellCheck is installed"
    return _links(covering(registry, rule.id)) or rule.why_not


def _anchor(title: str) -> str:
    """The anchor that GitHub gives a heading."""
    return "".join(char for char in title.lower().replace(" ", "-") if char.isalnum() or char == "-")


def _codes(rules: Sequence[Rule]) -> str:
    return ", ".join(rule.code for rule in rules)


def _links(rules: Sequence[Rule]) -> str:
    return ", ".join(f"[{rule.code}](rules/{rule.code}.md) {rule.name}" for rule in rules)


def main(arguments: Sequence[str], file: Path = PAGE) -> int:
    """Write or check the page; gives the exit status."""
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    tools = peers(DATA.read_text(encoding="utf-8"))
    text = page(tools, load())
    if not arguments:
        file.write_text(text, encoding="utf-8", newline="\n")
        return 0
    wrong = [*problems(tools, load())]
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        wrong.append(f"docs/{file.name} is not up to date. Run `make docs`, and commit what it writes.")
    for problem in wrong:
        print(problem)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
