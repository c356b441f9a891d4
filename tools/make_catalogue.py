"""Make the catalogue of base images: `python tools/make_catalogue.py RECORDS [--check]`.

RECORDS is a JSON file of what Docker's official images hold, by `name:tag`, as read off the public records of
docker-library/repo-info. What a file FROM such an image starts with is taken over, with the place and commit of each
record. Families beside this script (`image_families.json`) say what all tags of a name have in common.
`--check` writes nothing and exits with 1 where the catalogue is stale.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
CATALOGUE = HERE.parent / "lint" / "dockerlint" / "image" / "catalogue.json"
FAMILIES = HERE / "image_families.json"
FIELDS = ("env", "workdir", "user", "shell", "cmd", "entrypoint", "exposed", "volumes")


def entry(record: dict[str, object]) -> dict[str, object]:
    """What the catalogue keeps of one record; blank fields go without saying."""
    kept = {name: record[name] for name in FIELDS if record.get(name)}
    if record.get("env_partial"):
        kept["env_partial"] = True
    source = record["source"]
    if isinstance(source, dict):
        source = f"https://github.com/{source['repo']}/blob/{source['commit']}/{source['path']}"
    return {**kept, "source": source}


def catalogue(records: dict[str, dict[str, object]], families: dict[str, dict[str, object]]) -> str:
    """The text of `catalogue.json`, with one image in a line."""
    images = {
        name if ":" in name else f"{name}:latest": entry(record)
        for name, record in records.items()
        # Read off a child's record, an image may hide that it has a CMD.
        if record.get("cmd_visible_in_history") is not False
    }
    parts = []
    for title, entries in (("families", families), ("images", images)):
        lines = [f"  {json.dumps(name)}: {json.dumps(entries[name])}" for name in sorted(entries)]
        parts.append(f" {json.dumps(title)}: {{\n" + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> int:
    """Write the catalogue, or with `--check` compare it; the exit code is 1 where it is stale."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("records", type=Path, help="the records, a JSON object by name:tag")
    parser.add_argument("--check", action="store_true", help="only say whether the catalogue is stale")
    arguments = parser.parse_args()
    records = json.loads(arguments.records.read_text(encoding="utf-8"))
    families = json.loads(FAMILIES.read_text(encoding="utf-8"))
    text = catalogue(records, families)
    if not arguments.check:
        CATALOGUE.write_text(text, encoding="utf-8")
    elif not CATALOGUE.exists() or CATALOGUE.read_text(encoding="utf-8") != text:
        print(f"{CATALOGUE.name} is stale: run python tools/make_catalogue.py {arguments.records}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
