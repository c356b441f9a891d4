"""`dlint ast FILE…`: print what files say, as BuildKit's parser reads them.

The JSON form is an array with one object for each file, in the order of the arguments; its shape is described in the
help. It is written file by file, so that any number of files needs little memory.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from typing import TextIO, TypeAlias

from dockerlint.cli.guard import TROUBLE, complain
from dockerlint.cli.options import Group, Parser, add_config_options, settings_source
from dockerlint.cli.paths import find_files, no_files, read
from dockerlint.discovery import Unreadable
from dockerlint.registry import load
from dockerlint.report.visible import visible
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from dockerlint.syntax.tree import Dockerfile, Heredoc, Instruction, Onbuild, Problem

_USAGE = "dlint ast [OPTION…] [PATH…]"

_DESCRIPTION = """\
Print what Dockerfiles say, as the builder's parser reads them: instructions
with flags, form, arguments and heredocs, and what is wrong with them.
Nothing is expanded or unquoted."""

_EPILOG = """\
JSON, one array over all files:
  {"file", "directives": {NAME: VALUE},
   "instructions": [{"keyword", "flags": [], "form": "exec"|"shell"|"none",
     "arguments": [], "heredocs": [{"name", "expand", "strip_tabs", "content",
     "start_line", "end_line"}], "start_line", "end_line", "text"}],
   "problems": [{"code", "line", "column", "message", "fatal"}]}
Of ONBUILD, flags, form and heredocs are those of the inner instruction, whose
keyword comes first among the arguments. A file that cannot be read has the
key "error" as well.

exit status: 0, 1 if the builder would refuse a file, 2 for other trouble"""

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | bool | None"


def run(arguments: Sequence[str]) -> int:
    """Print the trees of the files that the arguments name, and give the exit status."""
    parser = Parser("ast", _USAGE, _DESCRIPTION, _EPILOG)
    group = Group(parser, "options")
    group.value("-f", "--format", metavar="FORMAT", help="text (default) or json")
    group.value("--stdin-filename", metavar="PATH", help="the path that standard input stands for")
    add_config_options(group)
    group.help()
    namespace, paths = parser.read(arguments)
    if namespace.format not in (None, "text", "json"):
        parser.error(f"--format: expected text or json, found '{namespace.format}'")
    source = settings_source(namespace, load())
    files, unreadable = find_files(paths or ["."], source, namespace.stdin_filename)
    if not files and not unreadable:
        raise no_files(paths or ["."])
    sources = (read(file.path, namespace.stdin_filename) for file in files)
    trees = (source if isinstance(source, Unreadable) else parse(source) for source in [*unreadable, *sources])
    return _write_json(trees, sys.stdout) if namespace.format == "json" else _write_text(trees, sys.stdout)


def _write_json(trees: Iterator[Dockerfile | Unreadable], out: TextIO) -> int:
    status = 0
    mark = "["
    for tree in trees:
        if isinstance(tree, Unreadable):
            complain(f"{tree.path}: {tree.reason}")
            empty: dict[str, Json] = {"directives": {}, "instructions": [], "problems": []}
            row: Json = {"file": tree.path, **empty, "error": tree.reason}
        else:
            row = file_json(tree)
        status = max(status, _status(tree))
        out.write(mark + json.dumps(row, ensure_ascii=False))
        mark = ",\n"
    out.write("]\n")
    return status


def _status(tree: Dockerfile | Unreadable) -> int:
    if isinstance(tree, Unreadable):
        return TROUBLE
    return int(any(problem.fatal for problem in tree.problems))


def file_json(tree: Dockerfile) -> Json:
    """The object of one file."""
    return {
        "file": tree.source.path,
        "directives": {directive.name: directive.value for directive in tree.directives},
        "instructions": [_instruction_json(instruction, tree.source) for instruction in tree.instructions],
        "problems": [_problem_json(problem, tree.source) for problem in tree.problems],
    }


def _instruction_json(outer: Instruction, source: Source) -> Json:
    inner = _innermost(outer)
    return {
        "keyword": outer.name,
        "flags": [flag.text for flag in inner.flags],
        "form": inner.form.value,
        "arguments": _arguments(outer),
        "heredocs": [_heredoc_json(heredoc, source) for heredoc in inner.heredocs],
        "start_line": source.lines.line(outer.span.start),
        "end_line": _last_line(outer.span.start, outer.span.end, source),
        "text": outer.line.text,
    }


def _innermost(instruction: Instruction) -> Instruction:
    """The instruction that a chain of ONBUILDs ends in."""
    while isinstance(instruction, Onbuild):
        instruction = instruction.trigger
    return instruction


def _arguments(instruction: Instruction) -> list[Json]:
    """The arguments, after the keywords of those inside if the instruction is ONBUILD."""
    keywords: list[Json] = []
    while isinstance(instruction, Onbuild):
        instruction = instruction.trigger
        keywords.append(instruction.keyword.text)
    return [*keywords, *(word.text for word in instruction.arguments)]


def _heredoc_json(heredoc: Heredoc, source: Source) -> Json:
    """Lines run from the first of the body to that of the terminator."""
    end = heredoc.body.end if heredoc.terminator is None else heredoc.terminator.end
    return {
        "name": heredoc.name,
        "expand": heredoc.expand,
        "strip_tabs": heredoc.strip_tabs,
        "content": heredoc.content,
        "start_line": source.lines.line(heredoc.body.start),
        "end_line": _last_line(heredoc.body.start, end, source),
    }


def _last_line(start: int, end: int, source: Source) -> int:
    """The line of the last character of a stretch; of an empty one, the line where it stands."""
    return source.lines.line(max(start, end - 1))


def _problem_json(problem: Problem, source: Source) -> Json:
    place = source.lines.position(problem.span.start)
    return {
        "code": problem.code,
        "line": place.line,
        "column": place.column,
        "message": problem.message,
        "fatal": problem.fatal,
    }


def _write_text(trees: Iterator[Dockerfile | Unreadable], out: TextIO) -> int:
    status = 0
    for tree in trees:
        status = max(status, _status(tree))
        if isinstance(tree, Unreadable):
            complain(f"{tree.path}: {tree.reason}")
        else:
            out.writelines(visible(line) + "\n" for line in _text_lines(tree))
    return status


def _text_lines(tree: Dockerfile) -> Iterator[str]:
    yield tree.source.path
    for directive in tree.directives:
        yield f"  # {directive.name}={directive.value}"
    for instruction in tree.instructions:
        first = tree.source.lines.line(instruction.span.start)
        last = _last_line(instruction.span.start, instruction.span.end, tree.source)
        form = instruction.form.value
        lines = f"{first}" if first == last else f"{first}-{last}"
        yield f"  {lines:>7}  {instruction.name}" + ("" if form == "none" else f" ({form} form)")
        inner = _innermost(instruction)
        for flag in inner.flags:
            yield f"{'':11}{flag.text}"
        for argument in _arguments(instruction):
            yield f"{'':11}{json.dumps(argument, ensure_ascii=False)}"
        for heredoc in inner.heredocs:
            size = heredoc.content.count("\n")
            yield f"{'':11}<<{heredoc.name}: {size} line{'' if size == 1 else 's'}"
    for problem in tree.problems:
        place = tree.source.lines.position(problem.span.start)
        weight = "refused" if problem.fatal else "problem"
        yield f"  {weight} at {place.line}:{place.column}: {problem.code} {problem.message}"
