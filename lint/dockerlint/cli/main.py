"""The entry point: chooses the command, and turns what goes wrong into a message and an exit status.

Nothing is imported here that `dlint --version` could do without.
"""

from __future__ import annotations

import sys

from dockerlint import __version__

#: Modules of commands by their names. Anything else that comes first is a path or an option of `lint`.
COMMANDS = {
    "lint": "dockerlint.cli.lint",
    "rules": "dockerlint.cli.rules",
    "explain": "dockerlint.cli.explain",
    "ast": "dockerlint.cli.ast",
    "layers": "dockerlint.cli.layers",
    "schema": "dockerlint.cli.schema",
}


#: The exit status of a program that was interrupted, as shells have it.
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run the program and give its exit status; by default with the arguments that it was started with."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        if words in (["--version"], ["-V"]):
            return _write_version()
        from dockerlint.cli.guard import guarded  # noqa: PLC0415 - slow to import

        named = bool(words) and words[0] in COMMANDS
        return guarded(COMMANDS[words[0] if named else "lint"], words[1:] if named else words)
    except KeyboardInterrupt:
        return INTERRUPTED


def _write_version() -> int:
    try:
        sys.stdout.write(f"dlint {__version__}\n")
        sys.stdout.flush()
    except OSError:
        return 2
    return 0
