"""One text that is being read: its tree, the way from the tree's bytes to the file, and its words."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dockerlint.shell.grammar import parse
from dockerlint.shell.nested import literal_stretches
from dockerlint.shell.prepare import prepare
from dockerlint.shell.quoting import Chunk, Hole, chunks, is_plain, parts_of
from dockerlint.shell.script import Assignment, Expansion, Redirect, Word
from dockerlint.source import JoinedText, Span

if TYPE_CHECKING:
    from tree_sitter import Node

_SUBSTITUTIONS = frozenset({"command_substitution", "process_substitution"})
_EXPANSIONS = frozenset({"simple_expansion", "expansion", "arithmetic_expansion"}) | _SUBSTITUTIONS
_NAME_IN_TEXT = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")
_NAMES = frozenset({"variable_name", "special_variable_name"})
_NAME_BEHIND = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")


class Passage:
    """A script text with its tree.

    `root` is None if the text could not be parsed within bounds. `nesting` counts the scripts around this one, as in
    `sh -c` inside `sh -c`. `templated` says that the text came out of a word with expansions, which the outer shell
    replaces even where the inner shell would see single quotes. `substitutions` gathers the nodes of `$( )` and
    `<( )` inside the words read so far by their first byte, `variables` the names that the words use: the reader
    takes them from there.
    """

    def __init__(self, joined: JoinedText, dialect: str, nesting: int, templated: bool) -> None:
        prepared = prepare(joined)
        self.joined = prepared.joined
        self.code = prepared.code
        self.heredocs = prepared.heredocs
        self.dialect = dialect
        self.nesting = nesting
        self.templated = templated
        self.substitutions: dict[int, Node] = {}
        self.variables: set[str] = set()
        # For `script_of`: where the words read so far start, by their place in the file, and what expands in them.
        self._starts: dict[int, int] = {}
        self._holes_at: dict[int, list[Hole]] = {}
        self._indexes: Sequence[int] = range(len(self.code) + 1) if self.code.isascii() else _indexes(self.code)
        # A lone surrogate becomes a question mark; `_indexes` counts it so.
        self.root = parse(self.code.encode("utf-8", "replace"))

    def start(self, node: Node) -> int:
        """The offset in `code` at which a node starts."""
        return self._indexes[node.start_byte]

    def end(self, node: Node) -> int:
        """The offset in `code` behind a node."""
        return self._indexes[node.end_byte]

    def text(self, node: Node) -> str:
        """What a node covers, as written."""
        return self.joined.text[self.start(node) : self.end(node)]

    def span(self, node: Node) -> Span:
        """The place of a node in the file."""
        return self.joined.span_of(self.start(node), self.end(node))

    def word(self, nodes: Sequence[Node]) -> Word:
        """The word that nodes without blanks between them make up."""
        start, end = self._indexes[nodes[0].start_byte], self._indexes[nodes[-1].end_byte]
        raw = self.joined.text[start:end]
        span = self.joined.span_of(start, end)
        self._starts[span.start] = start
        if is_plain(raw):
            return Word(raw, raw, span, (raw,) if raw else ())
        holes = self._holes(nodes, start)
        if holes:
            self._holes_at[start] = holes
        parts, glob = parts_of(raw, holes)
        if self.templated and any(_is_disguised(chunk) for chunk in chunks(raw, holes)):
            parts = (Expansion(None, (), raw, quoted=True),)
        text = parts[0] if len(parts) == 1 else None
        return Word(text if isinstance(text, str) else None, raw, span, parts, glob)

    def opaque_word(self, node: Node) -> Word:
        """A word whose value is not static, whatever it is made of: an array, a pattern."""
        hole = self._hole(node, self.start(node))
        raw = self.text(node)
        return Word(None, raw, self.span(node), (Expansion(None, hole.variables, raw, quoted=True),))

    def assignment(self, node: Node) -> Assignment:
        """What a `variable_assignment` node says."""
        name, *rest = node.children
        if name.type == "subscript":
            name = name.children[0]
        values = [child for child in rest if child.is_named]
        append = any(child.type == "+=" for child in rest)
        end = self.end(node)
        if not values:
            value = Word("", "", self.joined.span_of(end, end), ())
        elif values[0].type == "array":
            value = self.opaque_word(values[0])
        else:
            value = self.word(values)
        return Assignment(self.text(name), value, self.span(node), append)

    def redirect(self, node: Node) -> tuple[Redirect, tuple[Word, ...]]:
        """A redirection, and the words behind its target: the grammar takes all that follow for targets."""
        start = self.start(node)
        descriptor = None
        targets: list[Node] = []
        for child in node.children:
            if child.type == "file_descriptor":
                digits = self.text(child)
                descriptor = int(digits) if digits.isdecimal() and len(digits) < 5 else None
                start = self.end(child)
            elif child.is_named and not child.is_error:
                targets.append(child)
        groups = touching(targets)
        words = [self.word(nodes) for nodes in groups]
        target = words[0] if words else None
        extra = tuple(words[1:])
        end = self.end(groups[0][-1] if groups else node)
        span = self.joined.span_of(self.start(node), end)
        heredoc = self.heredocs.get(start)
        if heredoc is not None:
            if heredoc.body is not None and heredoc.expands:
                self.variables.update(_NAME_IN_TEXT.findall(heredoc.body.text))
            return Redirect(heredoc.operator, descriptor, target, span, heredoc.body, heredoc.expands), extra
        # Not taken from the tree, which knows no `<>`.
        operator = self.code[start : self.start(targets[0]) if targets else end].strip()
        return Redirect(operator, descriptor, target, span), extra

    def script_of(self, word: Word) -> list[tuple[str, tuple[Span, ...]]]:
        """The value of a word of this passage in stretches, each with the places it comes from."""
        start = self._starts.get(word.span.start, 0)
        found = []
        for chunk in literal_stretches(word, self._holes_at.get(start, ())):
            first = start + chunk.start
            found.append((chunk.text, self.joined.part(first, first + len(chunk.text)).pieces))
        return found

    def note(self, node: Node) -> None:
        """Take the substitutions and variables of a node that is no word, such as an arithmetic command."""
        self._hole(node, self.start(node))

    def _holes(self, nodes: Sequence[Node], origin: int) -> list[Hole]:
        holes = []
        waiting = list(reversed(nodes))
        while waiting:
            node = waiting.pop()
            if node.type in _EXPANSIONS:
                holes.append(self._hole(node, origin))
            elif node.child_count:
                waiting.extend(reversed(node.children))
            elif node.type == "$":
                holes += self._missed(node, origin)
        return holes

    def _missed(self, node: Node, origin: int) -> Iterator[Hole]:
        """A variable that the grammar takes for a sign and a literal: the second one of `$A/b-$C.d`."""
        match = _NAME_BEHIND.match(self.code, self.start(node))
        if match is not None:
            self.variables.add(match[1])
            yield Hole(match.start() - origin, match.end() - origin, match[1], (match[1],))

    def _hole(self, node: Node, origin: int) -> Hole:
        names: list[str] = []
        waiting = [node]
        while waiting:
            inner = waiting.pop()
            if inner.type in _SUBSTITUTIONS:
                self.substitutions[inner.start_byte] = inner
            elif inner.type in _NAMES:
                names.append(self.text(inner))
            elif inner.child_count:
                waiting.extend(reversed(inner.children))
        self.variables.update(names)
        # In double quotes the grammar counts the blanks before `$(` as part of it.
        raw = self.text(node).lstrip()
        start = self.end(node) - len(raw) - origin
        alone = len(names) == 1 and raw in {f"${names[0]}", f"${{{names[0]}}}"}
        return Hole(start, start + len(raw), names[0] if alone else None, tuple(dict.fromkeys(names)))


def touching(nodes: Sequence[Node]) -> list[list[Node]]:
    """The nodes in groups of those without blanks between them: each group is one word.

    What has no width is left out: it is missing, as the text that ends behind `a &&`.
    """
    groups: list[list[Node]] = []
    end = -1
    for node in nodes:
        start, before = node.start_byte, end
        end = node.end_byte
        if start == before:
            groups[-1].append(node)
        elif start < end:
            groups.append([node])
    return groups


def _is_disguised(chunk: Chunk) -> bool:
    """Whether a literal of a templated text may hold an expansion of the outer shell."""
    return chunk.hole is None and chunk.quote in {"'", "\\"} and ("$" in chunk.text or "`" in chunk.text)


def _indexes(code: str) -> array[int]:
    """For each byte of the UTF-8 text, and for its end, the index of its character."""
    indexes = array("L")
    for index, char in enumerate(code):
        point = ord(char)
        width = 1 if point < 0x80 or 0xD800 <= point < 0xE000 else 2 if point < 0x800 else 3 if point < 0x10000 else 4
        indexes.extend((index,) * width)
    indexes.append(len(code))
    return indexes
