"""ENTRYPOINT and CMD: their form, and what becomes of one beside the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum

from dockerlint.finding import Edit, Finding, Fix, Related, Safety, Severity
from dockerlint.image.names import usual_name
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import SourceKind, Stage
from dockerlint.semantics.state import UNIX_SHELL, WINDOWS_SHELL
from dockerlint.shell.interpreters import base_name, dialect_of
from dockerlint.source import JoinedText
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import (
    Arg,
    Broken,
    Entrypoint,
    Form,
    From,
    Healthcheck,
    Instruction,
    Label,
    Onbuild,
    StartCommand,
    Transfer,
)
from dockerlint_rules._images import COMMANDLESS, DISTRIBUTIONS
from dockerlint_rules._start import (
    PLAIN_WORD,
    Start,
    StartValue,
    is_interactive,
    is_script,
    program_of,
    start_of,
    starts_of,
)
from dockerlint_rules._tables import names

_FIRST_WORD = re.compile(r"[ \t]*([^ \t]*)")
_POSITIONAL = re.compile(r"\$(?:[@*0-9]|\{[@*0-9#])")

# Words that a shell keeps for itself, so that no program of that name starts.
_SHELL_WORDS = names(
    """
    . : alias bg break case cd command continue do done echo elif else esac eval exec exit export false fg fi for
    function getopts hash if in jobs kill local printf pwd read readonly return select set shift source test then time
    times trap true type ulimit umask unalias unset until wait while
    """
)

# A longer array is not spelt out in a message.
_LONGEST_EXAMPLE = 70


@rule(
    "DL3025",
    "shell-form-entrypoint",
    on=(StartCommand, Healthcheck),
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=("JSONArgsRecommended", "KICS-b86987e1", "prefer-json-notation"),
    tags=("start-command",),
)
def shell_form_entrypoint(node: Instruction, ctx: RuleContext) -> Iterator[Finding]:
    """CMD or ENTRYPOINT in shell form puts a shell between the container and the program.

    ## Why
    `CMD npm start` makes `/bin/sh -c 'npm start'` process 1 of the container. Signals go to process 1, and a shell
    does not hand them on: `docker stop` waits ten seconds and then kills, without any chance to finish requests or to
    flush data. A shell-form ENTRYPOINT also ignores CMD and the arguments of `docker run`. In a JSON array the
    program starts directly.

    Where a shell is needed, say so: `["/bin/sh", "-c", "exec …"]`, or a SHELL instruction, after which this rule is
    silent. A shell form that begins with `exec` is reported as info, one in a stage that is not part of the image as
    well.

    ## Bad
        FROM node:22-slim
        CMD node server.js

    ## Good
        FROM node:22-slim
        CMD ["node", "server.js"]

    ## See
    https://docs.docker.com/reference/build-checks/json-args-recommended/
    https://docs.docker.com/reference/dockerfile/#shell-and-exec-form
    """
    command = node.command if isinstance(node, (StartCommand, Healthcheck)) else None
    if ctx.stage is None or ctx.step is None or command is None or command.form is Form.EXEC:
        return
    if isinstance(node, Healthcheck) and not ctx.as_hadolint:
        # No signals are sent to a health check, and most need a shell for their `|| exit 1`.
        return
    if node.flags and not isinstance(node, Healthcheck):
        # The builder refuses them: mostly a command that starts with `--`, whose text is not what was meant.
        return
    before = ctx.step.before
    is_usual = before.shell_from is None and before.shell == (WINDOWS_SHELL if ctx.step.windows else UNIX_SHELL)
    if not is_usual and not ctx.as_hadolint:
        return
    script = command.script
    if script is None or not script.text.strip():
        message = (
            f"{node.name} without arguments starts a shell with nothing to do: write {node.name} [] or name a program"
        )
        yield ctx.finding(node.keyword.span, message)
        return
    first = _FIRST_WORD.match(script.text)
    replaces_shell = first is not None and first[1] == "exec"
    lowered = replaces_shell or ctx.stage.index not in ctx.model.shipped
    array = None if ctx.step.windows else _as_array(script)
    yield ctx.finding(
        script.span,
        _shell_form_message(node.name, script.text, " ".join(before.shell), replaces_shell, array),
        lower_to=Severity.INFO if lowered and not ctx.as_hadolint else None,
        fix=None if array is None else Fix("write a JSON array", Safety.SAFE, (Edit(script.span, array),)),
    )


def _shell_form_message(name: str, text: str, shell: str, replaces_shell: bool, array: str | None) -> str:
    example = '["program", "argument"]'
    if text.startswith("["):
        return f"{name} {quoted(text)} is no JSON array of strings, so '{shell}' runs it: write {example}"
    if replaces_shell:
        return f"{name} starts '{shell}' only to replace it by 'exec': write a JSON array unless the shell is needed"
    if array is None:
        array = f'{example}, or ["/bin/sh", "-c", "exec …"] where a shell is needed'
    elif len(array) > _LONGEST_EXAMPLE:
        array = example
    if name == "HEALTHCHECK":
        return f"HEALTHCHECK in shell form starts '{shell}' at each check: write {array}"
    return f"{name} in shell form runs below '{shell}', which does not pass signals on: write {array}"


def _as_array(script: JoinedText) -> str | None:
    """The exec form of a script on one line whose words mean the same without a shell, else None."""
    words = script.text.split()
    if len(script.pieces) != 1 or not all(PLAIN_WORD.fullmatch(word) for word in words):
        return None
    if words[0] in _SHELL_WORDS or words[0].startswith("-") or "=" in words[0]:
        return None
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"


@rule(
    "DL8005",
    "missing-start-command",
    on=Model,
    severity=Severity.INFO,
    tags=("start-command",),
)
def missing_start_command(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """The image has neither CMD nor ENTRYPOINT, so a container of it does not know what to start.

    ## Why
    `docker run IMAGE` fails ("no command specified") if neither the file nor its base names a command; from a bare
    distribution it opens a shell that ends at once without a terminal. Whoever runs the image has to know how to
    start it, and orchestrators have to be told. An image that only serves as the base of others, or only carries
    files, needs no command: an image from `scratch` with nothing but copied files is exempt.

    It is a warning where the base surely has no command. Nothing is said of bases that are not known.

    ## Bad
        FROM debian:12-slim
        COPY server /usr/local/bin/server

    ## Good
        FROM debian:12-slim
        COPY server /usr/local/bin/server
        CMD ["server"]

    ## See
    https://docs.docker.com/reference/dockerfile/#cmd
    https://docs.docker.com/reference/dockerfile/#understand-how-cmd-and-entrypoint-interact
    """
    if model.target is None or _needs_no_command(model, model.target):
        return
    start = start_of(model.target, ctx)
    if start.is_own:
        return
    inherited = _inherited(start)
    node = model.target.node
    span = node.image.span if isinstance(node, From) else node.keyword.span
    name = quoted(str(start.base.text))
    if inherited is _Inherited.NOTHING:
        finding = ctx.finding(span, f"no CMD or ENTRYPOINT, and {name} has none to inherit: name the program to start")
        yield replace(finding, severity=max(finding.severity, Severity.WARNING))
    elif inherited is _Inherited.SHELL:
        yield ctx.finding(span, f"no CMD or ENTRYPOINT, and {name} only starts a shell: name the program to start")


class _Inherited(Enum):
    """What a base image starts by itself."""

    NOTHING = "nothing"
    SHELL = "a shell"
    UNCLEAR = "more than that, or not known"


def _inherited(start: Start) -> _Inherited:
    if start.entrypoint is None and start.command is None:
        return _Inherited.NOTHING
    if isinstance(start.command, StartValue):
        alone = start.entrypoint is None and len(start.command.words) == 1
        return _Inherited.SHELL if alone and dialect_of(start.command.words[0]) else _Inherited.UNCLEAR
    if start.base.reference is None or start.base.facts is not None:
        return _Inherited.UNCLEAR
    name = usual_name(start.base.reference)
    if name in COMMANDLESS:
        return _Inherited.NOTHING
    return _Inherited.SHELL if name in DISTRIBUTIONS else _Inherited.UNCLEAR


def _needs_no_command(model: Model, target: Stage) -> bool:
    """Whether the image only carries files or is meant as the base of others, or its start command cannot be read."""
    nodes = [step.node for stage in model.chain(target) for step in (*stage.triggered, *stage.steps[1:])]
    for node in nodes:
        if isinstance(node, Onbuild) or (isinstance(node, Broken) and node.name in {"CMD", "ENTRYPOINT"}):
            return True
    from_scratch = model.chain(target)[0].base.kind is SourceKind.SCRATCH
    return from_scratch and all(isinstance(node, (Transfer, Label, Arg)) for node in nodes)


@rule(
    "DL8006",
    "cmd-ignored-by-entrypoint",
    on=Model,
    needs=(Entrypoint,),
    severity=Severity.WARNING,
    tags=("start-command",),
)
def cmd_ignored_by_entrypoint(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """CMD has no effect beside an ENTRYPOINT in shell form.

    ## Why
    A shell-form ENTRYPOINT runs as `/bin/sh -c 'TEXT'`. What CMD and `docker run IMAGE …` add becomes positional
    parameters of that shell (`$0`, `$1` …), which the text does not use: they are lost without a word. In exec form
    ENTRYPOINT is the program and CMD its default arguments.

    An ENTRYPOINT whose text reads `$0`, `$1`, `$@` or `$*` does use them and is left alone.

    ## Bad
        FROM python:3.13-slim
        ENTRYPOINT python -m app
        CMD ["--port", "8000"]

    ## Good
        FROM python:3.13-slim
        ENTRYPOINT ["python", "-m", "app"]
        CMD ["--port", "8000"]

    ## See
    https://docs.docker.com/reference/dockerfile/#understand-how-cmd-and-entrypoint-interact
    """
    for stage, (entrypoint, command, _, _) in zip(model.stages, starts_of(ctx), strict=True):
        if not isinstance(entrypoint, StartValue) or not isinstance(command, StartValue):
            continue
        if entrypoint.node is None or command.node is None or not entrypoint.shell_form or not command.words:
            continue
        if stage.index not in (entrypoint.stage, command.stage) or _POSITIONAL.search(entrypoint.words[-1]):
            continue
        yield ctx.finding(
            command.node.keyword.span,
            f"CMD is ignored: ENTRYPOINT {quoted(entrypoint.words[-1])} is in shell form and takes no arguments;"
            " write it as a JSON array",
            related=(Related(entrypoint.node.span, "the ENTRYPOINT in shell form"),),
        )


@rule(
    "DL8007",
    "shell-form-cmd-as-arguments",
    on=Model,
    needs=(Entrypoint,),
    severity=Severity.WARNING,
    tags=("start-command",),
)
def shell_form_cmd_as_arguments(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """A CMD in shell form hands '/bin/sh -c …' to the ENTRYPOINT as its arguments.

    ## Why
    Beside an ENTRYPOINT, CMD is not a command but the default arguments of the entrypoint, and the shell form adds
    the shell to them: `ENTRYPOINT ["app"]` with `CMD serve` starts `app /bin/sh -c serve`. Programs then complain of
    an unknown argument `/bin/sh`, or take it for a file name.

    Entrypoints that start the command they are given (`tini --`, `gosu app`, `conda run`, the scripts of well-known
    images) are exempt. Another script may do so as well: it is reported as info.

    ## Bad
        FROM python:3.13-slim
        ENTRYPOINT ["python", "-m", "app"]
        CMD serve --port 8000

    ## Good
        FROM python:3.13-slim
        ENTRYPOINT ["python", "-m", "app"]
        CMD ["serve", "--port", "8000"]

    ## See
    https://docs.docker.com/reference/dockerfile/#understand-how-cmd-and-entrypoint-interact
    """
    for stage, start in zip(model.stages, starts_of(ctx), strict=True):
        entrypoint, command = start.own_entrypoint, start.command
        if entrypoint is None or entrypoint.shell_form or not isinstance(command, StartValue):
            continue
        if command.node is None or command.node.command.form is not Form.SHELL:
            continue
        words = program_of(entrypoint.words) if stage.index in (entrypoint.stage, command.stage) else ()
        if not words or any(_POSITIONAL.search(word) for word in words):
            continue
        arguments = " ".join(command.words[:-1])
        where = entrypoint.node
        yield ctx.finding(
            command.node.keyword.span,
            f"ENTRYPOINT {quoted(words[0])} gets {quoted(arguments)} and the text of CMD as arguments:"
            " write CMD as a JSON array",
            lower_to=Severity.INFO if is_script(words[0]) else None,
            related=() if where is None else (Related(where.span, "the ENTRYPOINT that gets them"),),
        )


@rule(
    "DL8008",
    "inherited-cmd-cleared",
    on=Model,
    needs=(Entrypoint,),
    severity=Severity.INFO,
    tags=("start-command",),
)
def inherited_cmd_cleared(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """An ENTRYPOINT silently wipes out the CMD of the base.

    ## Why
    ENTRYPOINT resets the CMD that came with the base image or the parent stage to nothing, unless the same stage sets
    a CMD as well. A wrapper script that ends with `exec "$@"` then has nothing to start: the container exits at once
    with success, which is hard to find. Repeat the CMD, or write `CMD []` to show that it is meant to go.

    Not reported where the lost command only opens a shell or an interpreter, or is the program that the ENTRYPOINT
    starts.

    ## Bad
        FROM python:3.13-slim AS base
        CMD ["gunicorn", "app:app"]

        FROM base
        COPY entrypoint.sh /
        ENTRYPOINT ["/entrypoint.sh"]

    ## Good
        FROM python:3.13-slim AS base
        CMD ["gunicorn", "app:app"]

        FROM base
        COPY entrypoint.sh /
        ENTRYPOINT ["/entrypoint.sh"]
        CMD ["gunicorn", "app:app"]

    ## See
    https://docs.docker.com/reference/dockerfile/#understand-how-cmd-and-entrypoint-interact
    """
    for stage, (entrypoint, command, cleared, _) in zip(model.stages, starts_of(ctx), strict=True):
        if cleared is None or command is not None or is_interactive(cleared.words):
            continue
        if not isinstance(entrypoint, StartValue) or entrypoint.node is None or entrypoint.stage != stage.index:
            continue
        words = cleared.words[-1:] if cleared.shell_form else cleared.words
        program = base_name(words[0].partition(" ")[0])
        if any(program in base_name(word).split() for word in entrypoint.words):
            continue
        where = cleared.node
        yield ctx.finding(
            entrypoint.node.keyword.span,
            f"ENTRYPOINT wipes out the inherited CMD {quoted(' '.join(words))}: repeat it,"
            " or write CMD [] if it is not wanted",
            related=() if where is None else (Related(where.span, "the CMD that is lost"),),
        )
