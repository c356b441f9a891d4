"""`dlint schema`: print the JSON schema of settings files."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from dockerlint.cli.options import Group, Parser
from dockerlint.config.schema import settings_schema
from dockerlint.registry import load

_USAGE = "dlint schema [OPTION…]"

_DESCRIPTION = """\
Print the JSON schema of settings files, with the options of all rules that are
installed. Editors check and complete a .dlint.yaml whose first line names the
file that it was written to:

    # yaml-language-server: $schema=dlint.schema.json"""


def run(arguments: Sequence[str]) -> int:
    """Print the schema, and give the exit status."""
    parser = Parser("schema", _USAGE, _DESCRIPTION)
    Group(parser, "options").help()
    _, words = parser.read(arguments)
    if words:
        parser.error(f"'{words[0]}' is not expected here")
    json.dump(settings_schema(load()), sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")
    return 0
