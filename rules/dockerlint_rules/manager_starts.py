"""Containers that start a package manager or a build tool, which then starts the program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from dockerlint.finding import Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.shell.script import Command, Word
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import StartCommand
from dockerlint_rules._purpose import is_for_development
from dockerlint_rules._start import start_commands, start_of
from dockerlint_rules._tables import names


class _Runner(NamedTuple):
    """A tool that starts programs: by one of its `verbs`, or, without any, by whatever it is told.

    `why` and `instead` belong into a message: what is bad about it, and what to do.
    """

    verbs: frozenset[str]
    why: str
    instead: str


_BETWEEN = "stays between the container and the program, which may miss its signals"
_SCRIPTS = _Runner(names("start run run-script exec"), _BETWEEN, "start the program itself, as 'node server.js' does")
_BUILDS = "builds the program anew at each start"
_RESULT = "build it in the Dockerfile, and start the result"
_ENVIRONMENT = "needs the tool in the image only to find the program"

_RUNNERS: Mapping[str, _Runner] = MappingProxyType(
    {
        "bun": _Runner(names("run"), _BETWEEN, "start the program itself, as 'bun server.ts' does"),
        "bundle": _Runner(names("exec"), _ENVIRONMENT, "start a binstub ('bundle binstubs', then 'bin/…')"),
        "bunx": _SCRIPTS._replace(verbs=frozenset()),
        "cargo": _Runner(names("run r"), _BUILDS, _RESULT),
        "dotnet": _Runner(names("run watch"), _BUILDS, _RESULT),
        "go": _Runner(names("run"), _BUILDS, _RESULT),
        "gradle": _Runner(names("run bootRun appRun"), _BUILDS, _RESULT),
        "gradlew": _Runner(names("run bootRun appRun"), _BUILDS, _RESULT),
        "mvn": _Runner(names("spring-boot:run exec:java exec:exec jetty:run quarkus:dev"), _BUILDS, _RESULT),
        "mvnw": _Runner(names("spring-boot:run exec:java exec:exec jetty:run quarkus:dev"), _BUILDS, _RESULT),
        "npm": _SCRIPTS,
        "npx": _SCRIPTS._replace(verbs=frozenset()),
        "pdm": _Runner(names("run"), _ENVIRONMENT, "put the environment into PATH, and start the program itself"),
        "pipenv": _Runner(names("run"), _ENVIRONMENT, "put the environment into PATH, and start the program itself"),
        "pnpm": _SCRIPTS,
        "poetry": _Runner(names("run"), _ENVIRONMENT, "put the environment into PATH, and start the program itself"),
        "uv": _Runner(names("run"), _ENVIRONMENT, "put the environment into PATH, and start the program itself"),
        "yarn": _SCRIPTS._replace(verbs=frozenset()),
    }
)

_YARN_OTHERS = names("add cache config create dlx global help info init install list remove upgrade version why")
_FILES = (".js", ".jsx", ".mjs", ".ts", ".tsx")


@rule(
    "DL8013",
    "package-manager-as-entrypoint",
    on=Model,
    needs=(StartCommand,),
    severity=Severity.INFO,
    tags=("start-command",),
)
def package_manager_as_entrypoint(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """The container starts a package manager or a build tool, which then starts the program.

    ## Why
    `npm start` runs npm, a shell and then the program: more memory and a slower start, and a signal to stop reaches the
    first of the three, which does not always hand it on. The image needs the tool, and everything that it depends on,
    only to find the program. `go run`, `cargo run` or `mvn spring-boot:run` even build the program at each start, and
    need compilers and sources in the image.

    Nothing is said about tools without a task (`CMD ["mvn"]`), as images for these tools have them, and about stages
    and files for development.

    ## Bad
        FROM node:22-slim
        WORKDIR /app
        COPY . .
        CMD ["npm", "start"]

    ## Good
        FROM node:22-slim
        WORKDIR /app
        COPY . .
        CMD ["node", "server.js"]

    ## See
    - https://github.com/nodejs/docker-node/blob/main/docs/BestPractices.md#cmd
    - https://docs.docker.com/build/building/best-practices/#cmd
    """
    if model.target is None or is_for_development(model.target, ctx):
        return
    start = start_of(model.target, ctx)
    if not start.is_own:
        return
    for command in start_commands(start, ctx):
        runner = _RUNNERS.get(command.name or "")
        task = None if runner is None else _task(command, runner)
        if runner is not None and task is not None and command.program is not None:
            shown = quoted(f"{command.name} {task.text}")
            place = command.program.span.cover(task.span)
            yield ctx.finding(place, f"{shown} {runner.why}: {runner.instead}")


def _task(command: Command, runner: _Runner) -> Word | None:
    """The word that tells a tool to start something; None if it is told something else."""
    words = [word for word in command.arguments if not word.prefix.startswith("-")]
    if not words or words[0].text is None:
        return None
    if runner.verbs:
        task = next((word for word in words if word.text in runner.verbs), None)
        runs_file = command.name == "bun" and len(words) > 1 and (words[1].text or "").endswith(_FILES)
        return None if runs_file else task
    return None if command.name == "yarn" and words[0].text in _YARN_OTHERS else words[0]
