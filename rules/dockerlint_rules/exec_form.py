"""The exec form: what a JSON array does not do for the words in it, since no shell reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.finding import Confidence, Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.shell.interpreters import base_name, read_interpreter
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Cmd, Form, Healthcheck, Instruction, Onbuild, Run, StartCommand, Word
from dockerlint_rules._start import PLAIN_WORD, StartValue, is_script, program_of, starts_of
from dockerlint_rules._tables import names

_VARIABLE = re.compile(r"(?<![\\$])\$(?:[A-Za-z_][A-Za-z0-9_]*|\{[A-Za-z_][A-Za-z0-9_]*(?::?[-+?=][^{}]*)?\})")

# A password as crypt(3) writes it.
_HASH = re.compile(r"\$(?:[1-7][a-z]?|y|gy|argon2[a-z]*)\$")

# `-Dserver.port=${PORT}`, `--server.port=${PORT}`: frameworks of Java expand such values themselves.
_JAVA_PROPERTY = re.compile(r"-(?:D|-)[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]*=")

# Programs with a language in which `$` means something, or that put variables in themselves.
_READS_DOLLARS = names(
    "awk deno envsubst expect gawk groovy jq make mawk nawk nginx node openresty perl php psql ruby sed tclsh yq"
)

_OPERATOR = re.compile(r"&&|\|[|&]?|;|&|(?:[0-9]|&)?>>?(?:&[0-9-]|/[A-Za-z0-9_./-]*)?|<")
_SHELL_SYNTAX = re.compile(rf"(?:{_OPERATOR.pattern})\Z|~(?:/|\Z)")
_TAKES_OPERATORS = names("[ expr test")
_SEPARATOR_OPTIONS = names("-d -F -s -t -I --delimiter --field-separator --ifs --output-separator --separator")
_FIND_ACTIONS = names("-exec -execdir -ok -okdir")

# Programs that open the files that they are told, and do not look for patterns themselves.
_OPENS_FILES = names(
    """
    bash bzip2 cat chgrp chmod chown cp dpkg gunzip gzip head java ln ls mkdir mv node perl php python python3 rm rpm
    ruby sh sha256sum tail tar touch wc xz
    """
)
_GLOB = re.compile(r"[^*?\[]*[*?][^*?]*")


@rule(
    "DL8009",
    "unexpanded-exec-variable",
    on=Model,
    needs=(Healthcheck, Run, StartCommand),
    severity=Severity.WARNING,
    tags=("start-command",),
)
def unexpanded_exec_variable(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    r"""A variable in a JSON array is never expanded: the program gets '$NAME' as it is written.

    ## Why
    Shells expand variables, and the exec form starts the program without one. Docker does not expand them either: it
    hands over the strings of CMD, ENTRYPOINT, RUN and HEALTHCHECK unchanged. `["app", "--port", "$PORT"]` starts
    `app` with the text `$PORT`, which most programs refuse and some take for a name.

    Let a shell do it and replace itself, or read the variable in the program. Strings for `sh -c`, and arguments of
    programs in whose language `$` has a meaning (awk, perl, nginx …), are exempt.

    ## Bad
        FROM python:3.13-slim
        ENV PORT=8000
        CMD ["uvicorn", "app:app", "--port", "$PORT"]

    ## Good
        FROM python:3.13-slim
        ENV PORT=8000
        CMD ["sh", "-c", "exec uvicorn app:app --port \"$PORT\""]

    ## See
    https://docs.docker.com/reference/dockerfile/#exec-form
    https://docs.docker.com/reference/dockerfile/#variable-substitution
    """
    for node, words, entrypoint in ctx.once(_exec_commands, model):
        if not any("$" in word.text for word in words):
            continue
        program = _program(words, entrypoint)
        name = base_name(program[0]) if program else ""
        if not program or name in _READS_DOLLARS or _has_shell_script(program):
            continue
        instead = "the shell form" if isinstance(node, (Run, Healthcheck)) else '["sh", "-c", "exec …"]'
        for word in words:
            if _HASH.search(word.text) or (name == "java" and _JAVA_PROPERTY.match(word.text)):
                continue
            for match in _VARIABLE.finditer(word.text):
                yield ctx.finding(
                    word.span_of(match.start(), match.end()),
                    f"{quoted(match.group())} is not expanded in a JSON array: use {instead}",
                    confidence=Confidence.MEDIUM if is_script(name) else None,
                )


@rule(
    "DL8010",
    "shell-operator-in-exec-form",
    on=Model,
    needs=(Healthcheck, Run, StartCommand),
    severity=Severity.WARNING,
    tags=("start-command",),
)
def shell_operator_in_exec_form(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """An operator, '~' or a pattern in a JSON array means nothing: the program gets it as an argument.

    ## Why
    `&&`, pipes, redirections, `~` and `*` belong to the language of the shell, and the exec form starts the program
    without one. `["npm", "ci", "&&", "npm", "start"]` runs `npm` once, with four strange arguments; no second command
    ever starts, and nothing says so. After `["sh", "-c", "a"]` further strings become `$0`, `$1` … of the script.

    ## Bad
        FROM node:22-slim
        CMD ["npm", "run", "migrate", "&&", "npm", "start"]

    ## Good
        FROM node:22-slim
        CMD ["sh", "-c", "npm run migrate && exec npm start"]

    ## See
    https://docs.docker.com/reference/dockerfile/#exec-form
    """
    for _, words, entrypoint in ctx.once(_exec_commands, model):
        if any(_SHELL_SYNTAX.match(word.text) or _GLOB.fullmatch(word.text) for word in words):
            program = _program(words, entrypoint)
            if program and base_name(program[0]) not in _TAKES_OPERATORS:
                yield from _shell_syntax(words, program, ctx)


def _shell_syntax(words: tuple[Word, ...], program: tuple[str, ...], ctx: RuleContext) -> Iterator[Finding]:
    started = quoted(base_name(program[0]))
    has_script = _has_shell_script(program)
    where = "the string after '-c'" if has_script else '["sh", "-c", "…"]'
    before, has_action = "", False
    for word in words:
        text = word.text
        if _OPERATOR.fullmatch(text) and before not in _SEPARATOR_OPTIONS and not (text == ";" and has_action):
            message = f"{quoted(text)} is only an argument of {started} in a JSON array: write all of it into {where}"
            yield ctx.finding(word.span, message)
        elif not has_script and (text == "~" or text.startswith("~/")):
            message = f"{quoted(text)} is not expanded in a JSON array: write the home directory in full"
            yield ctx.finding(word.span_of(0, 1), message)
        elif not has_script and base_name(program[0]) in _OPENS_FILES and _is_pattern(text, before):
            message = f"{quoted(text)} is not expanded in a JSON array: {started} looks for a file of that very name"
            yield ctx.finding(word.span, message)
        before, has_action = text, has_action or text in _FIND_ACTIONS


@rule(
    "DL8011",
    "command-line-in-one-element",
    on=Model,
    needs=(Healthcheck, Run, StartCommand),
    severity=Severity.WARNING,
    tags=("start-command",),
)
def command_line_in_one_element(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """A whole command line stands in one string of a JSON array, so it is taken for the name of a program.

    ## Why
    The exec form does not split its strings: `CMD ["npm start"]` looks for a program whose name is `npm start`, blank
    included, and the container fails with "executable file not found in $PATH". Each word needs a string of its own;
    a text for the shell belongs into the shell form or behind `sh -c`.

    The only string of a CMD beside an ENTRYPOINT is an argument and exempt, and so is what may be a path with blanks.

    ## Bad
        FROM node:22-slim
        CMD ["npm start"]

    ## Good
        FROM node:22-slim
        CMD ["npm", "start"]

    ## See
    https://docs.docker.com/reference/dockerfile/#exec-form
    """
    for _, words, entrypoint in ctx.once(_exec_commands, model):
        if len(words) != 1 or not _is_command_line(words[0].text) or _is_argument(entrypoint):
            continue
        word = words[0]
        parts = word.text.split()
        start = f"{quoted(word.text)} is taken for the name of one program"
        if not all(PLAIN_WORD.fullmatch(part) for part in parts) or "=" in parts[0]:
            yield ctx.finding(word.span, f"{start}: use the shell form, or a string for each word")
            continue
        array = ", ".join(f'"{part}"' for part in parts)
        fix = Fix("split the string into words", Safety.SAFE, (Edit(word.span, array),))
        yield ctx.finding(word.span, f"{start}: write a string for each word", fix=fix)


class _ExecCommand(NamedTuple):
    """A command in exec form; `entrypoint` is the ENTRYPOINT that gets it as arguments."""

    node: Instruction
    words: tuple[Word, ...]
    entrypoint: StartValue | None


def _exec_commands(model: Model, ctx: RuleContext) -> tuple[_ExecCommand, ...]:
    return tuple(_each_exec_command(model, ctx))


def _each_exec_command(model: Model, ctx: RuleContext) -> Iterator[_ExecCommand]:
    for stage, start in zip(model.stages, starts_of(ctx), strict=True):
        for step in stage.steps[1:]:
            node = step.node.trigger if isinstance(step.node, Onbuild) else step.node
            command = node.command if isinstance(node, (Run, StartCommand, Healthcheck)) else None
            if command is not None and command.form is Form.EXEC:
                given = start.own_entrypoint if isinstance(step.node, Cmd) else None
                yield _ExecCommand(node, command.words, given)


def _program(words: tuple[Word, ...], entrypoint: StartValue | None) -> tuple[str, ...]:
    """The command that the words are part of, without wrappers in front; nothing if they are never started."""
    if entrypoint is not None and entrypoint.shell_form:
        return ()
    own = program_of([word.text for word in words])
    if entrypoint is None or _has_shell_script(own):
        # An ENTRYPOINT that is given `sh -c SCRIPT` starts it in the end, as entrypoint scripts do.
        return own
    return program_of((*entrypoint.words, *(word.text for word in words)))


def _is_argument(entrypoint: StartValue | None) -> bool:
    return entrypoint is not None and (entrypoint.shell_form or bool(program_of(entrypoint.words)))


def _has_shell_script(program: tuple[str, ...]) -> bool:
    """Whether the program is a shell that is given its script, or one whose arguments are not read here."""
    shell = read_interpreter(program)
    return shell is not None and (shell.script is not None or not shell.is_posix)


def _is_pattern(text: str, before: str) -> bool:
    """Whether the text is a path with a pattern that a shell would expand; not the value of an option, but for -jar."""
    is_value = before.startswith("-") and before != "-jar" and len(before) > 1 and "=" not in before
    return _GLOB.fullmatch(text) is not None and "/" in text and "://" not in text and text[0] != "-" and not is_value


def _is_command_line(text: str) -> bool:
    """Whether a text with blanks is a command line rather than a path, such as `/opt/My App/bin/run`."""
    first, *rest = text.split() or [""]
    if not rest or "\\" in text:
        return False
    may_be_path = "/" in first and any("/" in part for part in rest)
    return not may_be_path or any(part[0] in "-/.$'\"" for part in rest)
