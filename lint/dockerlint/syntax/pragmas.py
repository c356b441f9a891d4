"""Comments that speak to linters, as values: what they ask to hide, and which shell they name."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from dockerlint.finding import Edit
from dockerlint.source import Span


class Tool(Enum):
    """Whose form a pragma has; the value is how the tool calls itself in comments."""

    DLINT = "dlint"
    HADOLINT = "hadolint"
    BUILDKIT = "check"
    TALLY = "tally"
    KICS = "kics-scan"
    CHECKOV = "checkov"
    TRIVY = "trivy"
    SEMGREP = "nosemgrep"
    SHELLCHECK = "shellcheck"


class Reach(Enum):
    """What a pragma covers. Inside a continued instruction, `NEXT` is that instruction's next line."""

    NEXT = "next instruction"
    STAGE = "stage"
    FILE = "file"


class CodeWord(NamedTuple):
    """One of the words that say which findings are meant, as written."""

    text: str
    span: Span


class Fault(NamedTuple):
    """Why a pragma is not as its own tool wants it.

    `reason` is a clause without a subject and a full stop, `span` the guilty text. `edits` mend it; they are empty
    where more than one way leads out.
    """

    reason: str
    span: Span
    edits: tuple[Edit, ...] = ()


class Pragma(NamedTuple):
    """A comment (or the header's `check` directive) that asks to hide findings.

    `words` name what is meant; None means all that the tool would find. `form` is how a message names the pragma,
    `reason` the free text behind the words. `inside` tells a comment between the lines of a continued instruction.
    """

    tool: Tool
    form: str
    reach: Reach
    span: Span
    words: tuple[CodeWord, ...] | None
    reason: str | None = None
    inside: bool = False
    fault: Fault | None = None


class Dialect(NamedTuple):
    """A comment that names the shell of the instructions behind it, or of all if it stands before the first FROM."""

    tool: Tool
    span: Span
    name: str


class Pragmas(NamedTuple):
    """What the comments of a file say to linters, in file order."""

    suppressions: tuple[Pragma, ...]
    dialects: tuple[Dialect, ...]
