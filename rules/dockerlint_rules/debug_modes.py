"""Modes for debugging and development that a shipped image starts in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from dockerlint.finding import Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.shell.script import Command, Word
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Env
from dockerlint_rules._purpose import is_for_development
from dockerlint_rules._start import start_commands, start_of
from dockerlint_rules._tables import names

_ON = names("1 on t true y yes")
_DEVELOPMENT = names("dev development local")
_VARIABLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "APP_DEBUG": _ON,
        "ASPNETCORE_ENVIRONMENT": _DEVELOPMENT,
        "DJANGO_DEBUG": _ON,
        "DOTNET_ENVIRONMENT": _DEVELOPMENT,
        "FLASK_DEBUG": _ON,
        "FLASK_ENV": _DEVELOPMENT,
        "NODE_ENV": _DEVELOPMENT,
        "RACK_ENV": _DEVELOPMENT,
        "RAILS_ENV": _DEVELOPMENT,
        "WERKZEUG_DEBUG_PIN": names("off"),
    }
)

# Options for programs in variables; blanks part them.
_OPTION_VARIABLES = names(
    "CATALINA_OPTS JAVA_OPTS JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS JVM_OPTS NODE_OPTIONS _JAVA_OPTIONS"
)

_RELOADING = names("daphne fastapi flask gunicorn hypercorn litestar sanic uvicorn")
_RELOAD = names("--reload --debug")
_PROGRAMS = names("nodemon ts-node-dev")
_DEVELOPING: Mapping[str, frozenset[str]] = MappingProxyType(
    {"fastapi": names("dev"), "next": names("dev"), "nuxt": names("dev")}
)
_SCRIPT_RUNNERS = names("bun npm pnpm yarn")
_SCRIPTS = names("debug dev start:debug start:dev")
_ANYWHERE = ("0.0.0.0", "[::]", "*")  # noqa: S104  # addresses that are looked for


@rule(
    "DL7044",
    "debug-mode-enabled",
    on=Model,
    severity=Severity.INFO,
    tags=("security", "variables"),
)
def debug_mode_enabled(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """The image starts its program in a mode for debugging or development.

    ## Why
    Debug modes show stack traces, settings and source code to every visitor, and some run what a visitor types: the
    console of Flask's debugger, and the debuggers of Node.js and Java once they listen on all addresses, give control
    over the container to whoever reaches the port. Programs that reload themselves watch all files all the time. Set
    such a mode where it is needed, with `docker run -e` or a file for Compose.

    Nothing is said about stages and files that are meant for development by their name.

    ## Bad
        FROM python:3.13-slim
        ENV FLASK_DEBUG=1
        CMD ["flask", "run"]

    A debugger that everybody may reach:

        FROM node:22-slim
        CMD ["node", "--inspect=0.0.0.0:9229", "server.js"]

    ## Good
        FROM python:3.13-slim
        CMD ["gunicorn", "app:app"]

    ## See
    - https://flask.palletsprojects.com/en/stable/debugging/
    - https://nodejs.org/en/learn/getting-started/debugging#security-implications
    - https://docs.oracle.com/en/java/javase/21/docs/specs/jpda/conninv.html
    """
    target = model.target
    if target is None or is_for_development(target, ctx):
        return
    for stage in model.chain(target):
        for step in stage.steps[1:]:
            for pair in step.node.pairs if isinstance(step.node, Env) else ():
                name = pair.key.text
                if name not in _VARIABLES and name not in _OPTION_VARIABLES:
                    continue
                value = step.expand(pair.value).value
                message = _of_variable(name, value) if isinstance(value, str) else None
                if message is not None and value == target.end.env.get(name):
                    yield ctx.finding(pair.span, message)
    start = start_of(target, ctx)
    if start.is_own:
        for command in start_commands(start, ctx):
            yield from _of_command(command, ctx)


def _of_variable(name: str, value: str) -> str | None:
    if value.lower() in _VARIABLES.get(name, frozenset()):
        return f"{quoted(f'{name}={value}')} turns on a debug mode in the image: set it only where it is needed"
    if name in _OPTION_VARIABLES:
        option = next((option for option in value.split() if _opens_debugger(option)), None)
        return None if option is None else _debugger_message(option)
    return None


def _of_command(command: Command, ctx: RuleContext) -> Iterator[Finding]:
    name = command.name or ""
    words = command.arguments
    if name.startswith("python") and len(words) > 1 and words[0].text == "-m":
        name, words = words[1].text or "", words[1:]
    if name in _PROGRAMS and command.program is not None:
        yield _developing(command.program.span, name, ctx)
        return
    task = next((word for word in words if not word.prefix.startswith("-") and word.text != "run"), None)
    if task is not None and task.text is not None and command.program is not None:
        is_script = name in _SCRIPT_RUNNERS and task.text in _SCRIPTS
        if is_script or task.text in _DEVELOPING.get(name, frozenset()):
            what = f"{name} {task.text}" if task is words[0] else f"{name} run {task.text}"
            yield _developing(command.program.span.cover(task.span), what, ctx)
    for word in words:
        if name in _RELOADING and word.text in _RELOAD:
            message = f"{quoted(word.text or '')} of {name} is for development: leave it out of the image"
            yield ctx.finding(word.span, message)
        elif _opens_debugger(word.text or ""):
            yield ctx.finding(word.span, _debugger_message(word.text or ""))
        elif word.text == "debugpy" and _listens(words):
            yield ctx.finding(word.span, "'debugpy' lets whoever reaches the port run code: leave it out of the image")


def _developing(place: Span, what: str, ctx: RuleContext) -> Finding:
    return ctx.finding(place, f"{quoted(what)} is for development: start the program as it is meant to run")


def _opens_debugger(option: str) -> bool:
    """Whether an option of Node.js or Java opens a debugger to others, as Java does by default before version 9."""
    if option.startswith(("--inspect=", "--inspect-brk=")):
        return option.partition("=")[2].startswith(_ANYWHERE)
    if option.startswith(("-agentlib:jdwp", "-Xrunjdwp")):
        return "server=y" in option
    return False


def _debugger_message(option: str) -> str:
    return f"{quoted(option)} lets whoever reaches the port run code: leave it out of the image"


def _listens(words: tuple[Word, ...]) -> bool:
    return any((word.text or "").startswith("--listen") for word in words)
