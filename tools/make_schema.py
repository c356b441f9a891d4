"""Write `docs/dlint.schema.json`, the JSON schema of settings files: `python tools/make_schema.py [--check]`.

It holds the settings and the options of the built-in rules, as `dlint schema` prints them; that command adds the rules
of other packs. `--check` writes nothing and exits with 1 where the file is stale.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from dockerlint.config.schema import settings_schema
from dockerlint.registry import checked, load

FILE = Path(__file__).resolve().parent.parent / "docs" / "dlint.schema.json"
PACK = "dockerlint_rules"


def text() -> str:
    """The content of the file."""
    built_in = checked(rule for rule in load().rules if rule.check.__module__.split(".")[0] == PACK)
    return json.dumps(settings_schema(built_in), ensure_ascii=False, indent=1) + "\n"


def main(arguments: Sequence[str], file: Path = FILE) -> int:
    """Write or check the file; gives the exit status."""
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    if not arguments:
        file.write_text(text(), encoding="utf-8", newline="\n")
    elif not file.exists() or file.read_text(encoding="utf-8") != text():
        print(f"docs/{file.name} is not up to date. Run `make docs`, and commit what it writes.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
