"""Text to tree: `parse` reads a whole file and never raises; what is wrong travels along as problems.

BuildKit stops at the first error. Here every line is read on its own, so an error costs one instruction,
which becomes a `Broken` node, and reading goes on with the next.
"""

from __future__ import annotations

from dockerlint.source import Source, Span
from dockerlint.syntax.builder import Fields, build, build_broken
from dockerlint.syntax.checks import NEVER_A_TRIGGER, check_instruction
from dockerlint.syntax.directives import check_directives
from dockerlint.syntax.grammar import parse_tokens
from dockerlint.syntax.heredocs import BrokenMarker, read_markers
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.keywords import WITH_HEREDOCS
from dockerlint.syntax.lexer import Lexed, lex
from dockerlint.syntax.lines import LineReader, LogicalLine
from dockerlint.syntax.shapes import Mismatch
from dockerlint.syntax.tree import Dockerfile, Form, Heredoc, Instruction, Problem, Token
from dockerlint.syntax.usage import told_once, usage_problem


def parse(source: Source) -> Dockerfile:
    """Read a Dockerfile. Any text gives a tree; `problems` says what BuildKit refuses and what is wrong
    besides.
    """
    reader = LineReader(source)
    instructions: list[Instruction] = []
    problems: list[Problem] = []
    tokens: list[Token] = []
    while (line := reader.next_line()) is not None:
        reading = _Reading(reader, line)
        instructions.append(reading.instruction())
        problems += reading.problems
        tokens += reading.tokens
    if not instructions:
        problems.append(_empty(reader))
    problems += [*reader.problems, *reader.header.problems, *check_directives(reader.header.directives)]
    problems.sort(key=lambda problem: problem.span)
    return Dockerfile(
        source=source,
        escape=reader.header.escape,
        directives=tuple(reader.header.directives),
        instructions=tuple(instructions),
        comments=tuple(reader.comments),
        problems=tuple(told_once(problems)),
        tokens=tuple(tokens),
    )


def _empty(reader: LineReader) -> Problem:
    what = "only comments" if reader.comments or reader.header.directives else "nothing"
    return Problem("DL1000", Span(0, 0), f"the file has {what} in it: a build needs at least a FROM instruction")


class _Reading:
    """Reads one instruction with its heredoc bodies, and collects its tokens and problems."""

    def __init__(self, reader: LineReader, line: LogicalLine) -> None:
        self._reader = reader
        self._line = line
        self.tokens: list[Token] = []
        self.problems: list[Problem] = []

    def instruction(self) -> Instruction:
        comments = self._reader.take_block()
        lexed = lex(self._line.text, self._reader.header.escape)
        inner = None if lexed.trigger is None else lex(lexed.trigger, self._reader.header.escape)
        heredocs = self._heredocs(inner or lexed)
        fields = Fields(
            keyword=lexed.keyword,
            flags=lexed.flags,
            arguments=lexed.arguments,
            form=lexed.form,
            heredocs=heredocs,
            span=Span(self._line.text.span.start, self._end(lexed, heredocs)),
            line=self._line.text,
            comments=comments,
            blank_lines=self._line.blank_lines,
            dangling=self._line.dangling,
        )
        if inner is None:
            return self._build(lexed, fields)
        return self._onbuild(lexed, fields, inner)

    def _end(self, lexed: Lexed, heredocs: tuple[Heredoc, ...]) -> int:
        if heredocs:
            return (heredocs[-1].terminator or heredocs[-1].body).end
        return max(self._line.end, lexed.keyword.span.end)

    def _build(self, lexed: Lexed, fields: Fields) -> Instruction:
        node, problems = _build(lexed, fields, None)
        self.tokens += lexed.tokens
        self.problems += [*lexed.problems, *problems]
        return node

    def _onbuild(self, lexed: Lexed, fields: Fields, inner: Lexed) -> Instruction:
        trigger_fields = fields._replace(
            keyword=inner.keyword,
            flags=inner.flags,
            arguments=inner.arguments,
            form=inner.form,
            span=Span(inner.keyword.span.start, fields.span.end),
            line=lexed.trigger or fields.line,
            comments=(),
            blank_lines=(),
            dangling=False,
        )
        trigger, late = _build(inner, trigger_fields, None)
        if inner.keyword.text.upper() in NEVER_A_TRIGGER:
            late = []
        marked = lexed._replace(tokens=[*lexed.tokens, Token("TRIGGER", inner.keyword, inner.keyword.span)])
        fields = fields._replace(arguments=(inner.keyword, *inner.arguments), form=inner.form)
        node, problems = _build(marked, fields, trigger)
        self.tokens += lexed.tokens + inner.tokens
        # How a trigger is split is checked at once; whether it is a sound instruction only when a child image
        # is built.
        self.problems += [*lexed.problems, *inner.problems, *problems]
        self.problems += [problem._replace(fatal=False) for problem in late]
        return node

    def _heredocs(self, lexed: Lexed) -> tuple[Heredoc, ...]:
        """Read the bodies of the heredocs that the line opens, and add their tokens to the line's."""
        line = self._line.text
        if "<<" not in line.text or lexed.keyword.text.upper() not in WITH_HEREDOCS or lexed.form is Form.EXEC:
            return ()
        found = []
        for marker in read_markers(line.text):
            span = line.span_of(marker.start, marker.end)
            if isinstance(marker, BrokenMarker):
                self.problems.append(Problem("DL1000", span, f"heredoc name: {marker.reason}"))
                continue
            body, terminator = self._reader.take_body(marker.name, marker.strip_tabs)
            content = self._reader.source.slice(body)
            heredoc = Heredoc(marker.name, marker.expand, marker.strip_tabs, content, span, body, terminator)
            found.append(heredoc)
            if terminator is None:
                self.problems.append(_unterminated(heredoc))
            lexed.tokens.append(Token("HEREDOC", heredoc, body.cover(terminator or body)))
        return tuple(found)


def _build(lexed: Lexed, fields: Fields, trigger: Instruction | None) -> tuple[Instruction, list[Problem]]:
    rule = parse_tokens(lexed.tokens)
    if isinstance(rule, Mismatch):
        if any(problem.fatal for problem in lexed.problems):
            return build_broken(fields), []
        problem = usage_problem(lexed, rule)
        return build_broken(fields), [
            problem if problem.span.end > problem.span.start else problem._replace(span=fields.span)
        ]
    node = build(fields, rule, trigger)
    return node, check_instruction(node)


def _unterminated(heredoc: Heredoc) -> Problem:
    name = quoted(heredoc.name)
    hint = f"add a line that is only {name}"
    if any(line.strip() == heredoc.name for line in heredoc.content.split("\n")):
        hint = f"the line with {name} must have no blanks around it (`<<-` allows tabs before it)"
    return Problem("DL1006", heredoc.marker, f"heredoc {quoted(heredoc.name)} has no end: {hint}")
