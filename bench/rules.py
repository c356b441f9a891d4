"""Measure what the rules cost: `python bench/rules.py [--runs N] [--files N] [--max-ms MS] [FOLDER]`.

All rules look at each file of FOLDER, in this process and so on one core, without ShellCheck, which is a program of its
own, and without the cyclic garbage collector, which the command switches off, too. Printed are the mean milliseconds of
processor time per file, the best of the runs, what part of it reading takes, and the costliest rules. The scripts of
RUNs, which most rules need, are counted apart; what few rules share is counted where the first of them asks. With
`--max-ms` the exit status is 1 if a file takes longer on average.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from dockerlint.engine import Engine
from dockerlint.finding import Finding, Severity
from dockerlint.image.catalogue import lookup
from dockerlint.registry import load
from dockerlint.rule import Rule, RuleContext
from dockerlint.semantics.builder import build_model
from dockerlint.settings import ActiveRule, Settings
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from dockerlint.syntax.tree import Run

REPOSITORY = Path(__file__).resolve().parent.parent

Check = Callable[[Any, RuleContext], Iterator[Finding]]


class Costs(NamedTuple):
    """Mean milliseconds per file: in all, for reading (syntax and model), and of each rule by code."""

    total: float
    reading: float
    rules: dict[str, float]


def _read_script(node: Run, context: RuleContext) -> Iterator[Finding]:
    context.script(node)
    return iter(())


#: Runs before all rules, so that the time for reading scripts is its own and not that of the first rule that asks.
SCRIPTS = Rule("scripts", "scripts of RUNs, read once", (Run,), _read_script, "", Severity.INFO)


def timed(rule: Rule, seconds: Counter[str]) -> Rule:
    """The rule, which adds the time that it takes to `seconds`."""
    check: Check = rule.check

    def measured(thing: Any, context: RuleContext) -> Iterator[Finding]:
        start = time.process_time()
        found = list(check(thing, context))
        seconds[rule.code] += time.process_time() - start  # type: ignore[assignment]  # a Counter of floats
        return iter(found)

    return replace(rule, check=measured)


def active() -> list[ActiveRule]:
    """All rules at their levels, but for those of ShellCheck."""
    return [ActiveRule(rule, rule.severity or Severity.INFO) for rule in load().rules if not rule.code.startswith("SC")]


def measure(sources: Sequence[Source], runs: int) -> Costs:
    """The costs of the best of several runs."""
    gc.disable()
    plain = Engine(Settings(tuple(active())))
    total = min(_seconds(lambda: [plain.lint(fresh(source)) for source in sources]) for _ in range(runs))
    reading = min(_seconds(lambda: [build_model(parse(fresh(s)), facts=lookup) for s in sources]) for _ in range(runs))
    best: dict[str, float] = {}
    for _ in range(runs):
        seconds: Counter[str] = Counter()
        rules = [ActiveRule(SCRIPTS, Severity.INFO), *active()]
        engine = Engine(Settings(tuple(rule._replace(rule=timed(rule.rule, seconds)) for rule in rules)))
        for source in sources:
            engine.lint(fresh(source))
        best = {code: min(best.get(code, taken), taken) for code, taken in seconds.items()}
    per_file = 1000 / len(sources)
    return Costs(total * per_file, reading * per_file, {code: taken * per_file for code, taken in best.items()})


def fresh(source: Source) -> Source:
    """The same text without what an earlier run has computed about it."""
    return Source(source.path, source.text)


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def table(costs: Costs, files: int, top: int) -> Iterator[str]:
    """The figures for people."""
    names = {rule.code: rule.name for rule in load().rules}
    rules = {code: taken for code, taken in costs.rules.items() if code in names}
    yield f"{files} files, {len(names)} rules: {costs.total:.2f} ms per file"
    yield f"{costs.reading:8.3f}  reading"
    yield f"{costs.rules.get(SCRIPTS.code, 0):8.3f}  {SCRIPTS.name}"
    yield f"{sum(rules.values()):8.3f}  rules, the costliest of them:"
    for code, taken in sorted(rules.items(), key=lambda item: -item[1])[:top]:
        yield f"{taken:8.3f}    {code} {names[code]}"


def main() -> int:
    """Print the figures, and give the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=REPOSITORY / "tests" / "fixtures")
    parser.add_argument("--runs", type=int, default=3, help="how often each figure is measured")
    parser.add_argument("--top", type=int, default=15, help="how many rules are listed")
    parser.add_argument(
        "--files", type=int, default=0, help="take only so many of the files, from all parts of the folder"
    )
    parser.add_argument("--max-ms", type=float, help="the most that a file may take on average")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    paths = sorted(path for path in options.folder.rglob("*") if path.is_file() and "ockerfile" in path.name)
    if options.files:
        paths = paths[:: max(len(paths) // options.files, 1)]
    sources = [Source(path.name, path.read_bytes().decode("utf-8", "surrogateescape")) for path in paths]
    if not sources:
        print(f"no Dockerfiles in {options.folder}", file=sys.stderr)
        return 2
    costs = measure(sources, options.runs)
    print(json.dumps(costs._asdict(), indent=1) if options.json else "\n".join(table(costs, len(sources), options.top)))
    return 1 if options.max_ms is not None and costs.total > options.max_ms else 0


if __name__ == "__main__":
    sys.exit(main())
