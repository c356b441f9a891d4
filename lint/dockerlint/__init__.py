"""dlint, a Dockerfile linter and static analyzer, as a library."""

from __future__ import annotations

__version__ = "0.1.0"
