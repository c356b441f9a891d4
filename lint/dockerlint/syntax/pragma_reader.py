"""Comments to pragmas: dlint's own form and those of other tools.

A pragma that its own tool would skip is read all the same where its meaning is plain; its `fault` then says what is
wrong with it. Which rules the words mean, and which findings that hides, is the business of `dockerlint.suppress`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from dockerlint.finding import Edit
from dockerlint.source import Span
from dockerlint.syntax.directives import read_check_options
from dockerlint.syntax.invalid import Invalid, quoted
from dockerlint.syntax.pragmas import CodeWord, Dialect, Fault, Pragma, Pragmas, Reach, Tool
from dockerlint.syntax.tree import Comment, Dockerfile

_TOOL = re.compile(
    r"#[ \t]*(dlint|hadolint|shellcheck|tally|kics-scan|checkov|bridgecrew|cortex|trivy|nosem|check)", re.IGNORECASE
)
_IGNORE = re.compile(
    r"#[ \t]*(?P<tool>[a-z]+)(?P<colon>[ \t]*:|)[ \t]+(?:(?P<scope>global|stage)[ \t]+)?"
    r"(?P<verb>[a-z-]{1,20})(?P<equals>[ \t]*[=:]|)[ \t]*",
    re.IGNORECASE,
)
_CHECK = re.compile(r"#[ \t]*check[ \t]*=[ \t]*(?=[a-z]+[ \t]*=)", re.IGNORECASE)
_KICS = re.compile(r"#[ \t]*kics-scan[ \t]+((?:ignore-line|ignore-block|ignore)(?![\w-])|disable=)", re.IGNORECASE)
_KICS_DISABLE = "disable="
_CHECKOV = re.compile(r"#[ \t]*(?:checkov|bridgecrew|cortex):skip=", re.IGNORECASE)
_TRIVY = re.compile(r"trivy:ignore:([\w-]+)", re.IGNORECASE)
_SEMGREP = re.compile(r"#[ \t]*nosem(?:grep)?(?![\w-])[ \t]*(:?)", re.IGNORECASE)
_SHELLCHECK = re.compile(r"#[ \t]*shellcheck[ \t]+(?:[a-z-]+=\S+[ \t]+)*disable=", re.IGNORECASE)

_WORD = re.compile(r"[^\s,;:#]+")
_COMMAS = re.compile(r"[ \t]*(?:,[ \t]*)+")
_REASON_LEAD = re.compile(r"[\s,;:#\u2013\u2014-]*(?:reason[ \t]*[=:][ \t]*)?", re.IGNORECASE)
_CODE = re.compile(r"(?:DL|SC)\d{3,5}", re.IGNORECASE)
_BLANKS = re.compile(r"\s*")
_HADOLINT_CODE = re.compile(r"(?:DL|SC)\d+")

_REACHES = {"": Reach.NEXT, "stage": Reach.STAGE, "global": Reach.FILE}
#: Whose pragmas are held to their tool's own grammar.
_JUDGED = (Tool.DLINT, Tool.HADOLINT)


def read_pragmas(dockerfile: Dockerfile) -> Pragmas:
    """Read the pragmas of a file from its comments and from the header's `check` directive."""
    found = [*_of_header(dockerfile), *_of_comments(dockerfile)]
    return Pragmas(
        tuple(pragma for pragma in found if isinstance(pragma, Pragma)),
        tuple(pragma for pragma in found if isinstance(pragma, Dialect)),
    )


def _of_header(dockerfile: Dockerfile) -> Iterator[Pragma]:
    directive = dockerfile.directive("check")
    if directive is not None:
        # A broken value is a problem of the file, and reported as such.
        words = _check_words(directive.value, directive.value_span.start)
        if words and not isinstance(words, Invalid):
            yield Pragma(Tool.BUILDKIT, "check=skip", Reach.FILE, directive.span, words)


def _of_comments(dockerfile: Dockerfile) -> Iterator[Pragma | Dialect]:
    places: _Places | None = None
    for comment in dockerfile.comments:
        match = _TOOL.match(comment.text)
        found = None if match is None else _read(match[1].lower(), comment)
        if isinstance(found, Pragma):
            places = places or _Places(dockerfile)
            found = places.judged(found)
        if found is not None:
            yield found


def _read(name: str, comment: Comment) -> Pragma | Dialect | None:
    if name in ("dlint", "hadolint", "tally"):
        return _read_ignore(Tool(name), comment)
    if name == "check":
        return _read_check(comment)
    if name == "kics-scan":
        return _read_kics(comment)
    if name == "trivy":
        return _read_trivy(comment)
    if name == "nosem":
        return _read_semgrep(comment)
    if name == "shellcheck":
        return _read_shellcheck(comment)
    return _read_checkov(comment)


def _read_ignore(tool: Tool, comment: Comment) -> Pragma | Dialect | None:
    """`TOOL [global|stage] ignore=CODE[,CODE] [reason]` or `TOOL shell=NAME`."""
    text, at = comment.text, comment.span.start
    head = _IGNORE.match(text)
    if head is None:
        return None
    verb = head["verb"].lower()
    if verb == "shell" and head["equals"] and (name := _WORD.match(text, head.end())) is not None:
        return Dialect(tool, comment.span, name[0])
    if not head["equals"] and (verb != "ignore" or _CODE.match(text, head.end()) is None):
        return None  # prose
    scope = (head["scope"] or "").lower()
    form = " ".join(filter(None, (tool.value, scope, verb)))
    words, end = _listed(text, head.end(), at)
    pragma = Pragma(tool, form, _REACHES[scope], comment.span, words, _reason(text, end), comment.inside)
    if verb != "ignore" or not words:
        what = "names no code" if verb == "ignore" else f"is nothing that {tool.value} knows"
        reason = f"{what}: write ignore=CODE, stage ignore=CODE, global ignore=CODE or shell=NAME"
        broken = pragma._replace(words=(), fault=Fault(reason, comment.span))
        return broken if tool in _JUDGED else None
    more = _codes_in(text, end, at)
    if more:
        gaps = (*words[-1:], *more)
        edits = tuple(Edit(Span(a.span.end, b.span.start), ",") for a, b in zip(gaps, more, strict=False))
        fault = Fault("needs commas between its codes", more[0].span, edits)
        return pragma._replace(words=words + more, reason=None, fault=fault)
    if tool not in _JUDGED:
        return pragma
    fault_of_text = _fault_of_head(head, at)
    if fault_of_text is None and tool is Tool.HADOLINT:
        fault_of_text = _hadolint_fault(head, words, comment, end)
    return pragma._replace(fault=fault_of_text)


def _fault_of_head(head: re.Match[str], at: int) -> Fault | None:
    """What is wrong between the tool's name and the codes. `at` is the offset of the comment."""
    if head["colon"]:
        colon = Span(at + head.start("colon"), at + head.end("colon"))
        return Fault(f"must have no colon behind '{head['tool']}'", colon, (Edit(colon, ""),))
    if head["equals"].strip() != "=":
        gap = Span(at + head.end("verb"), at + head.end())
        return Fault(f"lacks the '=' behind '{head['verb']}'", gap, (Edit(gap, "="),))
    return None


def _hadolint_fault(head: re.Match[str], words: tuple[CodeWord, ...], comment: Comment, end: int) -> Fault | None:
    """Why hadolint would skip the comment, as version 2.15 does. `end` is where the words end in it."""
    at = comment.span.start
    for group in ("tool", "scope", "verb"):
        word = head[group] or ""
        if word != word.lower():
            span = Span(at + head.start(group), at + head.end(group))
            return Fault(f"must have '{word.lower()}' in lower case for hadolint", span, (Edit(span, word.lower()),))
    for code in words:
        if _HADOLINT_CODE.fullmatch(code.text) is None:
            if _CODE.fullmatch(code.text) is not None:
                edit = Edit(code.span, code.text.upper())
                return Fault("must have its codes in upper case for hadolint", code.span, (edit,))
            reason = (
                f"names {quoted(code.text)}, for which hadolint skips the comment: it knows codes such as DL3006 only"
            )
            return Fault(reason, code.span)
    tail = comment.text[end:]
    text = tail.lstrip(" \t,")
    if text and text[0] != "#":
        start = comment.span.end - len(text)
        reason = "has text behind its codes, for which hadolint skips the comment: put a '#' before it"
        return Fault(reason, Span(start, comment.span.end), (Edit(Span(start, start), "# "),))
    return None


def _read_check(comment: Comment) -> Pragma | None:
    """`check=skip=NAME[,NAME]`, the directive's form, above an instruction."""
    match = _CHECK.match(comment.text)
    if match is None:
        return None
    at = comment.span.start + match.end()
    words = _check_words(comment.text[match.end() :], at)
    pragma = Pragma(Tool.BUILDKIT, "check=skip", Reach.NEXT, comment.span, (), inside=comment.inside)
    if isinstance(words, Invalid):
        fault = Fault(f"is not one that the builder understands: {words.reason}", Span(words.start, words.end))
        return pragma._replace(fault=fault)
    return pragma._replace(words=words) if words else None


def _check_words(value: str, at: int) -> tuple[CodeWord, ...] | Invalid:
    """The names that a value of `check` skips. `at` is the offset of the value, and spans are those of the file."""
    options = read_check_options(value)
    if isinstance(options, Invalid):
        return options.shifted(at)
    return tuple(CodeWord(name.text, Span(at + name.start, at + name.end)) for name in options.skip)


def _read_kics(comment: Comment) -> Pragma | None:
    """KICS takes no codes for a line and a block (a whole stage, in a Dockerfile): all its findings there are meant."""
    match = _KICS.match(comment.text)
    if match is None:
        return None
    verb = match[1].lower()
    if verb == _KICS_DISABLE:
        words, end = _listed(comment.text, match.end(), comment.span.start)
        reason = _reason(comment.text, end)
        return Pragma(Tool.KICS, "kics-scan disable", Reach.FILE, comment.span, words, reason, comment.inside)
    reach = {"ignore-line": Reach.NEXT, "ignore-block": Reach.STAGE}.get(verb, Reach.FILE)
    reason = _reason(comment.text, match.end())
    return Pragma(Tool.KICS, f"kics-scan {verb}", reach, comment.span, None, reason, comment.inside)


def _read_trivy(comment: Comment) -> Pragma | None:
    """`trivy:ignore:ID`, several times if need be, and text behind."""
    matches = list(_TRIVY.finditer(comment.text))
    if not matches:
        return None
    at = comment.span.start
    words = tuple(CodeWord(match[1], Span(at + match.start(1), at + match.end(1))) for match in matches)
    reason = _reason(comment.text, matches[-1].end())
    return Pragma(Tool.TRIVY, "trivy:ignore", Reach.NEXT, comment.span, words, reason, comment.inside)


def _read_checkov(comment: Comment) -> Pragma | None:
    """`checkov:skip=ID[:reason]`, which counts for the whole file wherever it stands."""
    match = _CHECKOV.match(comment.text)
    if match is None:
        return None
    words, end = _listed(comment.text, match.end(), comment.span.start)
    reason = _reason(comment.text, end)
    return Pragma(Tool.CHECKOV, "checkov:skip", Reach.FILE, comment.span, words, reason, comment.inside)


def _read_semgrep(comment: Comment) -> Pragma | None:
    """`nosemgrep` for all rules of Semgrep, or `nosemgrep: ID[, ID]`."""
    match = _SEMGREP.match(comment.text)
    if match is None:
        return None
    words: tuple[CodeWord, ...] | None = None
    end = match.end()
    if match[1]:
        words, end = _listed(comment.text, end, comment.span.start)
    reason = _reason(comment.text, end)
    return Pragma(Tool.SEMGREP, "nosemgrep", Reach.NEXT, comment.span, words, reason, comment.inside)


def _read_shellcheck(comment: Comment) -> Pragma | None:
    """`shellcheck disable=CODE,CODE`. The builder drops it before any shell could see it, but what it means is plain.

    In a heredoc the comment is part of the script, and ShellCheck reads it itself.
    """
    match = _SHELLCHECK.match(comment.text)
    if match is None:
        return None
    words, end = _listed(comment.text, match.end(), comment.span.start)
    reason = _reason(comment.text, end)
    return Pragma(Tool.SHELLCHECK, "shellcheck disable", Reach.NEXT, comment.span, words, reason, comment.inside)


def _listed(text: str, start: int, at: int) -> tuple[tuple[CodeWord, ...], int]:
    """The words of the comma-separated list that begins at `start` of a comment at offset `at`, and where they end."""
    words = []
    end = position = start
    while (word := _WORD.match(text, _skip_blanks(text, position))) is not None:
        words.append(CodeWord(word[0], Span(at + word.start(), at + word.end())))
        end = word.end()
        commas = _COMMAS.match(text, end)
        if commas is None:
            break
        position = commas.end()
    return tuple(words), end


def _skip_blanks(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t":
        position += 1
    return position


def _codes_in(text: str, start: int, at: int) -> tuple[CodeWord, ...]:
    """The words from `start` on if there are only codes there, parted by blanks."""
    words = []
    for word in _WORD.finditer(text, start):
        if _CODE.fullmatch(word[0]) is None:
            return ()
        words.append(CodeWord(word[0], Span(at + word.start(), at + word.end())))
    return tuple(words) if words and not text[start : words[0].span.start - at].strip() else ()


def _reason(text: str, end: int) -> str | None:
    """The free text behind the words, without what leads it in."""
    lead = _REASON_LEAD.match(text, end)
    return text[end if lead is None else lead.end() :].strip() or None


class _Places:
    """Finds pragmas that stand where they do nothing, or where their own tool skips them."""

    def __init__(self, dockerfile: Dockerfile) -> None:
        self._text = dockerfile.source.text
        self._lines = dockerfile.source.lines
        self._starts = [node.span.start for node in dockerfile.instructions]
        self._blocks = [frozenset(comment.span for comment in node.comments) for node in dockerfile.instructions]
        self._first_checks: dict[int, Span] = {}
        froms = (node.span.start for node in dockerfile.instructions if node.name == "FROM")
        self._first_from = next(froms, len(self._text))

    def judged(self, pragma: Pragma) -> Pragma:
        """The pragma, with a fault if it stands in the wrong place."""
        if pragma.fault is not None or pragma.tool not in (*_JUDGED, Tool.BUILDKIT):
            return pragma
        fault = self._fault(pragma)
        return pragma if fault is None else pragma._replace(fault=fault)

    def _fault(self, pragma: Pragma) -> Fault | None:
        span = pragma.span
        after = bisect_left(self._starts, span.start)
        below = self._starts[after] if after < len(self._starts) else len(self._text)
        if pragma.reach is Reach.STAGE and below < self._first_from:
            return Fault("stands before the first stage: put it above a FROM, or write 'global ignore'", span)
        if pragma.reach is not Reach.NEXT:
            return None
        if pragma.inside:
            if pragma.tool is Tool.DLINT:
                return None
            name = "the builder" if pragma.tool is Tool.BUILDKIT else "hadolint"
            return Fault(f"stands inside an instruction, where {name} does not look for it", span)
        if after == len(self._starts):
            return Fault("stands above no instruction", span)
        if pragma.tool is Tool.BUILDKIT:
            return self._fault_of_column(span) or self._fault_in_block(span, after)
        return self._fault_of_distance(span, below) if pragma.tool is Tool.HADOLINT else None

    def _fault_of_column(self, span: Span) -> Fault | None:
        start = self._lines.line_span(self._lines.line(span.start)).start
        if start == span.start:
            return None
        return Fault("must stand in the first column for the builder", span, (Edit(Span(start, span.start), ""),))

    def _fault_in_block(self, span: Span, number: int) -> Fault | None:
        """What BuildKit passes over: it forgets a block at an empty comment, and reads one check in a block."""
        if span not in self._blocks[number]:
            return Fault("stands above an empty comment, where the builder does not look for it", span)
        if self._first_checks.setdefault(number, span) != span:
            return Fault("stands below another check comment, of which the builder reads the first only", span)
        return None

    def _fault_of_distance(self, span: Span, below: int) -> Fault | None:
        """What hadolint misses, because it looks at the next line only; other comments between are not ours to move."""
        first, second = self._lines.line(span.start), self._lines.line(below)
        if second == first + 1:
            return None
        blanks = _BLANKS.match(self._text, span.end)
        edits: tuple[Edit, ...] = ()
        if blanks is not None and blanks.end() >= below:
            between = Span(self._lines.line_span(first + 1).start, self._lines.line_span(second).start)
            edits = (Edit(between, ""),)
        reason = "must stand directly above the instruction for hadolint, which looks at the next line only"
        return Fault(reason, span, edits)
