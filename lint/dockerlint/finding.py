"""What dlint reports: findings, how bad they are, how sure it is, and edits that would mend them."""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import NamedTuple

from dockerlint.records import record
from dockerlint.source import Span


class Severity(IntEnum):
    """How bad a finding is; a greater value is worse. `OFF` belongs to rules that must be switched on."""

    OFF = 0
    STYLE = 1
    INFO = 2
    WARNING = 3
    ERROR = 4

    @property
    def label(self) -> str:
        """The word used in options, settings and reports: `error`, `warning`, `info`, `style` or `off`."""
        return self.name.lower()


class Confidence(Enum):
    """How sure a rule is that what it found is what it says; apart from how bad that would be."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Safety(Enum):
    """Whether an edit keeps the image as it is (`SAFE`) or needs a person's judgement (`UNSAFE`)."""

    SAFE = "safe"
    UNSAFE = "unsafe"


class Edit(NamedTuple):
    """Replace the text at `span` by `text`; an empty span inserts, an empty text deletes."""

    span: Span
    text: str


class Fix(NamedTuple):
    """Edits that belong together and mend one finding. Their spans do not overlap."""

    description: str
    safety: Safety
    edits: tuple[Edit, ...]


class Related(NamedTuple):
    """A second place that explains a finding, with a short sentence of its own."""

    span: Span
    message: str


@record(frozen=True, slots=True)
class Finding:
    """One problem at one place of one file.

    `code` is the rule's code, `span` covers the smallest guilty text, `message` is one sentence that says
    what was found and what to do. `severity` and `confidence` are the rule's own unless the rule or the
    settings chose another. `fatal` marks what the builder itself refuses: such a finding counts as an error
    for every threshold, and no comment can silence it. `conceals` says that the text at `span` is a secret,
    which no report may show. `excuse` is the reason that a comment gives for hiding the finding, if one does.
    `instead_of` are the codes of vaguer findings about the same text, whose place it takes.
    """

    code: str
    span: Span
    message: str
    severity: Severity
    confidence: Confidence = Confidence.HIGH
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    fatal: bool = False
    conceals: bool = False
    excuse: str | None = None
    instead_of: tuple[str, ...] = ()
