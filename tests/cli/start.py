"""Starts the program as a module, for tools that want a command."""

from __future__ import annotations

from dockerlint.cli.main import main

raise SystemExit(main())
