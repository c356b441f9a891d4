r"""dlint, a Dockerfile linter and static analyzer, as a library.

from dockerlint import lint_text
for finding in lint_text("FROM debian\n").findings:
    print(finding.code, finding.message)
"""

from __future__ import annotations

# As `typing.TYPE_CHECKING` for type checkers, without the import.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint.api import lint_paths, lint_text, parse, predict

__version__ = "0.1.0"
__all__ = ["__version__", "lint_paths", "lint_text", "parse", "predict"]


def __getattr__(name: str) -> object:
    """Import the library when it is first asked for: `dlint --version` needs none of it."""
    if name in __all__:
        from dockerlint import api  # noqa: PLC0415 - the point of the function

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
