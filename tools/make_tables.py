"""Make what the parser needs from its grammar: `python tools/make_tables.py [--check]`.

Building the LALR tables takes ten times as long as loading them, and loading Lark takes longer than reading a
usual file; every run of the program would pay for both. So the tables (`tables.json`), and what the parser
makes of short lines (`shapes.json`), are made once, here, and kept as data. `--check` writes nothing and
exits with 1 where data is stale.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import pickle
import sys
from pathlib import Path

import lark
from lark import Lark

from dockerlint.syntax.lalr import accepted, shape_of
from dockerlint.syntax.shapes import Mismatch, Shape

SYNTAX = Path(__file__).parent.parent / "lint" / "dockerlint" / "syntax"

#: The number of tokens in the longest line whose shape is kept.
LONGEST = 8


def grammar_digest(grammar: str) -> str:
    """The digest under which the tables of this grammar are kept."""
    return hashlib.sha256(grammar.encode()).hexdigest()


def tables(grammar: str) -> str:
    """The content of `tables.json` for a grammar: what Lark saves of a parser, its version, the grammar's
    digest.
    """
    parser = Lark(grammar, parser="lalr", lexer="basic", start="instruction")
    saved = io.BytesIO()
    parser.save(saved)
    # It was pickled a line above: nothing foreign is loaded.
    content = pickle.loads(saved.getvalue())
    head = {"grammar_sha256": grammar_digest(grammar), "lark": lark.__version__}
    return json.dumps({**head, **content}, indent=1) + "\n"


def shapes(grammar: str) -> str:
    """The content of `shapes.json`: the shapes of all lines of at most `LONGEST` tokens, by the types of the
    tokens.
    """
    found: dict[str, object] = {}
    todo: list[tuple[str, ...]] = [()]
    while todo:
        types = todo.pop()
        following = accepted(types)
        if "$END" in following:
            shape = shape_of(types)
            assert not isinstance(shape, Mismatch), types
            found[" ".join(types)] = _as_json(shape)
        if len(types) < LONGEST:
            todo += [(*types, kind) for kind in sorted(following - {"$END"})]
    lines = (f" {json.dumps(types)}: {json.dumps(shape)}" for types, shape in sorted(found.items()))
    head = f'{{"grammar_sha256": "{grammar_digest(grammar)}", "shapes": {{\n'
    return head + ",\n".join(lines) + "\n}}\n"


def _as_json(shape: Shape) -> list[object]:
    return [shape.name, *(part if isinstance(part, int) else _as_json(part) for part in shape.parts)]


def main() -> int:
    """Write the data, or with `--check` compare it; the exit code is 1 where it is stale."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only say which data is stale")
    arguments = parser.parse_args()
    targets = {SYNTAX / "tables.json": tables, SYNTAX / "shapes.json": shapes}
    grammar = (SYNTAX / "dockerfile.lark").read_text(encoding="utf-8")
    if arguments.check:
        digest = grammar_digest(grammar)
        stale = [path.name for path in targets if not path.exists() or digest not in path.read_text(encoding="utf-8")]
        if stale:
            print(f"stale: {', '.join(stale)}; run python tools/make_tables.py", file=sys.stderr)
        return 1 if stale else 0
    if os.environ.get("PYTHONHASHSEED") != "0":
        # Lark numbers its states in the order of sets: a fixed seed keeps the data the same from run to run.
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})
    for path, make in targets.items():  # the tables first: the shapes are made with them
        path.write_text(make(grammar), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
