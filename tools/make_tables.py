"""Make the parser's LALR tables from the grammar: `python tools/make_tables.py [--check]`.

Building the tables takes ten times as long as loading them, and every run of the program would pay for it. So they are
made once, here, and kept as data. `--check` writes nothing and exits with 1 where the data is stale.
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

SYNTAX = Path(__file__).parent.parent / "lint" / "dockerlint" / "syntax"


def grammar_digest(grammar: str) -> str:
    """The digest under which the tables of this grammar are kept."""
    return hashlib.sha256(grammar.encode()).hexdigest()


def tables(grammar: str) -> str:
    """The content of `tables.json` for a grammar: what Lark saves of a parser, its version, the grammar's digest."""
    parser = Lark(grammar, parser="lalr", lexer="basic", start="instruction")
    saved = io.BytesIO()
    parser.save(saved)
    # It was pickled a line above: nothing foreign is loaded.
    content = pickle.loads(saved.getvalue())
    head = {"grammar_sha256": grammar_digest(grammar), "lark": lark.__version__}
    return json.dumps({**head, **content}, indent=1) + "\n"


def main() -> int:
    """Write the data, or with `--check` compare it; the exit code is 1 where it is stale."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only say whether the module is stale")
    arguments = parser.parse_args()
    target = SYNTAX / "tables.json"
    grammar = (SYNTAX / "dockerfile.lark").read_text(encoding="utf-8")
    if arguments.check:
        if target.exists() and grammar_digest(grammar) in target.read_text(encoding="utf-8"):
            return 0
        print(f"{target.name} is stale: run python tools/make_tables.py", file=sys.stderr)
        return 1
    if os.environ.get("PYTHONHASHSEED") != "0":
        # Lark numbers its states in the order of sets: a fixed seed keeps the module's text the same from run to run.
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})
    target.write_text(tables(grammar), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
