"""Physical lines to logical lines: comments, continuations, blank lines and the header of parser directives.

BuildKit reads a file line by line. A line that ends with the escape character goes on with the next one;
comments and blank lines in between are dropped. Heredoc bodies are taken from here line by line too, since
what is in them is never a comment nor a continuation.
"""

from __future__ import annotations

from typing import NamedTuple

from dockerlint.source import JoinedText, Source, Span
from dockerlint.syntax.header import Header
from dockerlint.syntax.tree import Comment, Problem

#: What Go's unicode.IsSpace counts as white space; Python's own idea has four control characters more.
GO_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)

#: The longest physical line that BuildKit's scanner takes, in bytes.
LONGEST_LINE = 65_535

_BYTE_ORDER_MARK = "\ufeff"


class LogicalLine(NamedTuple):
    """An instruction's line with its continuations, before any heredoc body.

    `text` is what BuildKit joins; `end` is the end of the last physical line that was read for it.
    """

    text: JoinedText
    end: int
    comments: tuple[Comment, ...]
    blank_lines: tuple[Span, ...]
    dangling: bool


class LineReader:
    """Reads a source from top to bottom: `next_line` until it gives None, `take_body` where a heredoc
    follows.

    `header`, `comments` and `problems` are filled while reading.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self._text = source.text
        self._at = 1 if source.text.startswith(_BYTE_ORDER_MARK) else 0
        self._block: list[Comment] = []
        self.header = Header(source.text, self._at)
        self.comments: list[Comment] = []
        self.problems: list[Problem] = []

    def next_line(self) -> LogicalLine | None:
        """The next logical line, or None at the end of the file. Comments and directives on the way are collected."""
        while self._at < len(self._text):
            content = self._take()
            start = self._content_start(content)
            if start == content.end:
                self.header.end()
            elif self._text[start] == "#":
                self._comment(Span(start, content.end), indented=start > content.start)
            else:
                self.header.end()
                return self._join(Span(start, content.end))
        return None

    def take_block(self) -> tuple[Comment, ...]:
        """The comments directly above the line that was read last; blank lines do not break the block."""
        block = tuple(self._block)
        self._block.clear()
        return block

    def take_body(self, name: str, strip_tabs: bool) -> tuple[Span, Span | None]:
        """Read a heredoc body up to its terminator `name`: the body's span and the terminator's, None at the
        end of file.
        """
        start = self._at
        while self._at < len(self._text):
            content = self._take()
            line = self._text[content.start : content.end]
            if (line.lstrip("\t") if strip_tabs else line) == name:
                return Span(start, content.start), content
        return Span(start, len(self._text)), None

    def _take(self) -> Span:
        """The next physical line without its line end; all carriage returns before the line feed belong to
        that end.
        """
        start = self._at
        stop = self._text.find("\n", start)
        self._at = stop + 1 if stop >= 0 else len(self._text)
        end = stop if stop >= 0 else len(self._text)
        if end - start > LONGEST_LINE // 4:
            self._check_length(start, end)
        while end > start and self._text[end - 1] == "\r":
            end -= 1
        return Span(start, end)

    def _check_length(self, start: int, end: int) -> None:
        size = len(self._text[start:end].encode("utf-8", "surrogatepass"))
        if size > LONGEST_LINE:
            message = (
                f"line of {size} bytes: the builder reads at most {LONGEST_LINE}, so break it with the escape character"
            )
            self.problems.append(Problem("DL1013", Span(start, end), message))

    def _content_start(self, content: Span) -> int:
        text = self._text[content.start : content.end]
        return content.end - len(text.lstrip(GO_SPACE))

    def _comment(self, span: Span, *, indented: bool) -> None:
        text = self._text[span.start : span.end]
        if self.header.take(text, span, indented=indented):
            return
        comment = Comment(span, text)
        self.comments.append(comment)
        if text.strip(GO_SPACE) == "#":
            self._block.clear()
        else:
            self._block.append(comment)

    def _join(self, first: Span) -> LogicalLine:
        pieces: list[Span] = []
        comments: list[Comment] = []
        blank_lines: list[Span] = []
        piece, goes_on = self._trim_continuation(first)
        pieces.append(piece)
        end = first.end
        while goes_on and self._at < len(self._text):
            content = self._take()
            end = content.end
            start = self._content_start(content)
            if start == content.end:
                blank_lines.append(content)
            elif self._text[start] == "#":
                comments.append(Comment(Span(start, content.end), self._text[start : content.end], inside=True))
            else:
                piece, goes_on = self._trim_continuation(content)
                pieces.append(piece)
        self.comments.extend(comments)
        text = JoinedText(self._text, tuple(pieces))
        return LogicalLine(text, end, tuple(comments), tuple(blank_lines), goes_on)

    def _trim_continuation(self, content: Span) -> tuple[Span, bool]:
        """The line without its trailing escape character and the blanks after it, and whether there was one."""
        text = self._text
        end = content.end
        while end > content.start and text[end - 1] in " \t":
            end -= 1
        if end == content.start or text[end - 1] != self.header.escape:
            return content, False
        if end - 1 > content.start and text[end - 2] == self.header.escape:
            return content, False
        return Span(content.start, end - 1), True
