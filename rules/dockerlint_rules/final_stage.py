"""What the final stage carries that only the build needs: tools, toolchains, sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from dockerlint.finding import Finding, Related, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.shell.managers import Action
from dockerlint.shell.package_managers import package_actions
from dockerlint.shell.script import Command, Word
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import From, Onbuild, StartCommand, Transfer
from dockerlint_rules._build_tools import COMPILERS, VERSION_CONTROL, is_build_tool, package_name, version_control
from dockerlint_rules._context import context_sources, is_own_code
from dockerlint_rules._runs import PackageStep, Placed, commands_of, package_steps
from dockerlint_rules._start import is_interactive, is_script, start_commands, start_of
from dockerlint_rules._tables import names
from dockerlint_rules._toolchains import Toolchain, toolchain_of

_SHOWN = 3

# Sub-commands of version control that get source, and arguments that only ask a program for its version.
_FETCHING = names("checkout clone co export fetch init pull submodule")
_QUERIES = names("--help --version -V -v -version version")


@rule(
    "DL6009",
    "build-tools-in-final-image",
    on=Model,
    severity=Severity.WARNING,
    aliases=("tally/prefer-multi-stage-build",),
    tags=("size",),
)
def build_tools_in_final_image(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    r"""Compilers, headers or version control stay in the image, though only the build needs them.

    ## Why
    A compiler with its headers and libraries weighs hundreds of megabytes that each host pulls, each of their packages
    turns up in vulnerability scans, and whoever breaks into the container finds tools to go on with. Build in a stage
    of its own and copy the result:

        FROM debian:12 AS build
        RUN apt-get update && apt-get install -y build-essential
        COPY . /src
        RUN make -C /src install DESTDIR=/out

        FROM debian:12-slim
        COPY --from=build /out/ /

    Or remove the tools in the RUN that installs them; a later RUN only hides them.

    It is an info if nothing is compiled or cloned afterwards, since the program may need the tools itself, and in
    images that have no start command of their own.

    ## Bad
        FROM python:3.13-slim
        RUN apt-get update \
         && apt-get install -y --no-install-recommends gcc libpq-dev \
         && rm -rf /var/lib/apt/lists/*
        COPY requirements.txt .
        RUN pip install --no-cache-dir -r requirements.txt
        CMD ["python", "-m", "app"]

    ## Good
        FROM python:3.13-slim AS build
        RUN apt-get update \
         && apt-get install -y --no-install-recommends gcc libpq-dev \
         && rm -rf /var/lib/apt/lists/*
        COPY requirements.txt .
        RUN pip wheel --no-cache-dir --wheel-dir /wheels -r requirements.txt

        FROM python:3.13-slim
        RUN --mount=type=bind,from=build,source=/wheels,target=/wheels pip install --no-cache-dir /wheels/*.whl
        CMD ["python", "-m", "app"]

    ## See
    https://docs.docker.com/build/building/multi-stage/
    https://docs.docker.com/build/building/best-practices/#use-multi-stage-builds
    """
    placed = shipped_steps(model)
    has_start = any(isinstance(step.node, StartCommand) for step in placed)
    for at, run in enumerate(placed):
        commands = commands_of(run, ctx)
        for step, tools in _kept_tools(tuple(package_steps(run, ctx)), commands):
            behind = [command for command in commands if command.span.start > step.command.span.start]
            behind += chain.from_iterable(commands_of(later, ctx) for later in placed[at + 1 :])
            uses = frozenset(chain.from_iterable(map(_uses, behind)))
            is_used = any(version_control(package_name(tool.text or "")) in uses for tool in tools)
            yield ctx.finding(
                tools[0].span,
                _tools_message(tools, is_used=is_used),
                lower_to=None if is_used and has_start else Severity.INFO,
                related=_sources(placed) if is_used and None in uses else (),
            )


@rule(
    "DL6017",
    "sdk-base-in-final-stage",
    on=Model,
    severity=Severity.INFO,
    tags=("size",),
)
def sdk_base_in_final_stage(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    r"""The image is built on a compiler or development kit that the program does not need to run.

    ## Why
    `golang`, `maven`, `dotnet/sdk` and their like are made to build in: several hundred megabytes that are pulled with
    each deployment and searched by each vulnerability scan, while the program would run on a runtime image, a slim one
    or nothing at all. The plain tags of `python`, `node` and `ruby` bring compilers and headers too; their `-slim`
    tags do not. Build in a stage of its own, and copy what comes out of it.

    Not reported where the container starts a program of the kit itself (`go run`, `mvn`) or an interpreter for people,
    and where the image has no start command of its own.

    ## Bad
        FROM golang:1.24
        WORKDIR /src
        COPY . .
        RUN go build -o /usr/local/bin/server .
        CMD ["server"]

    ## Good
        FROM golang:1.24 AS build
        WORKDIR /src
        COPY . .
        RUN CGO_ENABLED=0 go build -o /server .

        FROM gcr.io/distroless/static-debian12
        COPY --from=build /server /server
        CMD ["/server"]

    ## See
    https://docs.docker.com/build/building/multi-stage/
    https://docs.docker.com/build/building/best-practices/#choose-the-right-base-image
    """
    if model.target is None:
        return
    first = model.chain(model.target)[0]
    toolchain = None if first.base.reference is None else toolchain_of(first.base.reference)
    if toolchain is None or not isinstance(first.node, From):
        return
    start = start_of(model, model.target)
    if not start.is_own:
        return
    placed = shipped_steps(model)
    compiles = any(None in _uses(command) for step in placed for command in commands_of(step, ctx))
    starts = start_commands(start, ctx)
    if not starts or any(_belongs(command, toolchain) or _is_interactive(command) for command in starts):
        return
    if toolchain.programs and not compiles and any(is_script(command.name or "") for command in starts):
        return
    how = "build in a stage of its own and copy the result to" if compiles else "the program can run on"
    yield ctx.finding(
        first.node.image.span,
        f"{quoted(str(first.base.text))} brings {toolchain.what} into the image: {how} {toolchain.instead}",
        related=_sources(placed) if compiles else (),
    )


def _is_interactive(command: Command) -> bool:
    return is_interactive([word.raw for word in command.words])


def _belongs(command: Command, toolchain: Toolchain) -> bool:
    if command.name not in toolchain.programs:
        return False
    return not toolchain.verbs or any(word.text in toolchain.verbs for word in command.arguments)


def shipped_steps(model: Model) -> tuple[Placed, ...]:
    """The instructions whose effect is in the image, in the order in which they run."""
    stages = () if model.target is None else model.chain(model.target)
    steps = (step for stage in stages for step in (*stage.triggered, *stage.steps[1:]))
    return tuple(Placed(step.node, step) for step in steps if not isinstance(step.node, Onbuild))


def _kept_tools(
    steps: Sequence[PackageStep], commands: Sequence[Command]
) -> Iterator[tuple[PackageStep, tuple[Word, ...]]]:
    """The installations of build tools in a RUN, without the tools that the same RUN removes again."""
    marks = any(command.name == "apt-mark" for command in commands)
    for at, step in enumerate(steps):
        if step.action.manager.ecosystem != "os" or step.action.action is not Action.INSTALL:
            continue
        removals = [
            later.action
            for later in steps[at + 1 :]
            if later.family == step.family and later.action.action is Action.REMOVE
        ]
        removed = [word.text for removal in removals for word in removal.packages]
        # What a variable or a pattern removes is not known, nor what becomes of packages that are marked.
        if any(text is None or "*" in text for text in removed) or (removals and marks):
            continue
        if any(word.text in removed for word in step.action.options.values("-t", "--virtual")):
            continue
        tools = tuple(
            word
            for word in step.action.packages
            if word.text is not None and word.text not in removed and is_build_tool(package_name(word.text))
        )
        if tools:
            yield step, tools


def _uses(command: Command) -> frozenset[str | None]:
    """What a command may need: the program of a version control system, None for compilers and headers."""
    if command.name in VERSION_CONTROL:
        fetches = any(word.text in _FETCHING for word in command.arguments)
        return frozenset({command.name} if fetches else ())
    if command.name in COMPILERS:
        only_asks = len(command.arguments) == 1 and command.arguments[0].text in _QUERIES
        return frozenset(() if only_asks else {None})
    uses: set[str | None] = {
        program for program in VERSION_CONTROL for word in command.arguments if word.prefix.startswith(f"{program}+")
    }
    # Packages of interpreters are compiled on installation where there is no binary for the platform.
    if any(
        action.manager.ecosystem == "language" and action.action in (Action.INSTALL, Action.BUILD)
        for action in package_actions(command)
    ):
        uses.add(None)
    return frozenset(uses)


def _tools_message(tools: Sequence[Word], *, is_used: bool) -> str:
    shown = list(dict.fromkeys(quoted(package_name(tool.text or "")) for tool in tools))
    if len(shown) == 1:
        start, it = f"{shown[0]} stays in the image", "it"
    elif len(shown) > _SHOWN + 1:
        start, it = f"{', '.join(shown[:_SHOWN])} and {len(shown) - _SHOWN} more stay in the image", "them"
    else:
        start, it = f"{', '.join(shown[:-1])} and {shown[-1]} stay in the image", "them"
    if is_used:
        return f"{start}: build in an earlier stage and copy the result"
    return f"{start}, and no later step builds with {it}: leave {it} out unless the program needs {it}"


def _sources(placed: Sequence[Placed]) -> tuple[Related, ...]:
    """The copies of the project's code, which stays in the image besides what was made of it."""
    return tuple(
        Related(source.word.span, "the sources stay in the image as well")
        for step in placed
        if isinstance(step.node, Transfer)
        for source in context_sources(step.node, step.step)
        if is_own_code(source)
    )
