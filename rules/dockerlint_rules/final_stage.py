"""What the final stage carries that only the build needs: tools, toolchains, sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, islice

from dockerlint.finding import Finding, Related, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.semantics.scripts import PACKAGE_MANAGER
from dockerlint.shell.managers import Action
from dockerlint.shell.script import Command, Word
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import From, Onbuild, StartCommand, Transfer
from dockerlint_rules._build_tools import COMPILERS, VERSION_CONTROL, is_build_tool, package_name, version_control
from dockerlint_rules._context import context_sources, is_own_code
from dockerlint_rules._runs import PackageStep, Placed, actions_of, commands_of, package_steps
from dockerlint_rules._start import is_interactive, is_script, start_commands, start_of
from dockerlint_rules._tables import names
from dockerlint_rules._toolchains import Toolchain, toolchain_of

_SHOWN = 3

# What commands may need besides version control: to compile the project, or the packages it depends on.
_COMPILER = "compiler"
_DEPENDENCIES = "dependencies"

_FETCHES_PACKAGES = frozenset({Action.BUILD, Action.DOWNLOAD, Action.INSTALL})

# Managers that may clone a repository to get a package.
_FETCHES_BY_GIT = names("composer go")

# Sub-commands of version control that get source, and arguments that only ask a program for its version.
_FETCHING = names("checkout clone co export fetch init pull submodule")
_QUERIES = names("--help --version -V -v -version version")


@rule(
    "DL6009",
    "build-tools-in-final-image",
    on=Model,
    programs=(PACKAGE_MANAGER,),
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
    kept = [(install, tools) for step in placed for install, tools in _kept_tools(step, ctx)]
    if not kept:
        return
    has_start = any(isinstance(step.node, StartCommand) for step in placed)
    commands = [command for step in placed for command in commands_of(step, ctx)]
    number_of = {id(command): number for number, command in enumerate(commands)}
    needs = (_needs(command, ctx) for command in reversed(commands))
    nothing: frozenset[str] = frozenset()
    needed_later = list(accumulate(needs, frozenset.union, initial=nothing))[::-1]
    sources = _sources(placed)
    for install, tools in kept:
        needed = needed_later[number_of[id(install.command)] + 1]
        is_used = any(not needed.isdisjoint(_purposes(tool)) for tool in tools)
        yield ctx.finding(
            tools[0].span,
            _tools_message(tools, is_used=is_used),
            lower_to=None if is_used and has_start else Severity.INFO,
            related=sources if is_used and _COMPILER in needed else (),
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
    start = start_of(model.target, ctx)
    if not start.is_own:
        return
    placed = shipped_steps(model)
    needed = frozenset[str]().union(*(_needs(command, ctx) for step in placed for command in commands_of(step, ctx)))
    starts = start_commands(start, ctx)
    if not starts or any(_belongs(command, toolchain) or _is_interactive(command) for command in starts):
        return
    if toolchain.programs and not needed and any(is_script(command.name or "") for command in starts):
        return
    how = (
        "build in a stage of its own and copy the result to"
        if needed & {_COMPILER, _DEPENDENCIES}
        else "the program can run on"
    )
    yield ctx.finding(
        first.node.image.span,
        f"{quoted(str(first.base.text))} brings {toolchain.what} into the image: {how} {toolchain.instead}",
        related=_sources(placed) if _COMPILER in needed else (),
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


def _kept_tools(placed: Placed, ctx: RuleContext) -> list[tuple[PackageStep, tuple[Word, ...]]]:
    """The installations of build tools in a RUN, without the tools that the same RUN removes again."""
    steps = package_steps(placed, ctx)
    # What is marked for removal may take away anything.
    marks = bool(steps) and any(command.name == "apt-mark" for command in commands_of(placed, ctx))
    kept = []
    removed: dict[str, set[str | None]] = {}
    for step in reversed(steps):
        gone = removed.setdefault(step.family, set())
        if step.action.action is Action.REMOVE:
            # What a variable or a pattern removes is not known.
            texts = [None if word.text is None or "*" in word.text else word.text for word in step.action.packages]
            gone.update([*texts, None] if marks else texts)
        elif step.action.manager.ecosystem == "os" and step.action.action is Action.INSTALL and None not in gone:
            tools = tuple(word for word in step.action.packages if word.text not in gone and _is_tool(word))
            if tools and not any(word.text in gone for word in step.action.options.values("-t", "--virtual")):
                kept.append((step, tools))
    return kept[::-1]


def _is_tool(package: Word) -> bool:
    return package.text is not None and is_build_tool(package_name(package.text))


def _purposes(tool: Word) -> frozenset[str]:
    """What a tool is needed for, in the terms of `_needs`."""
    program = version_control(package_name(tool.text or ""))
    return frozenset({_COMPILER, _DEPENDENCIES} if program is None else {program})


def _needs(command: Command, ctx: RuleContext) -> frozenset[str]:
    """What a command may need: the program of a version control system, or a compiler with headers.

    Packages of interpreters are compiled on installation where there is no binary for the platform.
    """
    if command.name in VERSION_CONTROL:
        fetches = any(word.text in _FETCHING for word in command.arguments)
        return frozenset({command.name} if fetches else ())
    if command.name in COMPILERS:
        only_asks = len(command.arguments) == 1 and command.arguments[0].text in _QUERIES
        return frozenset(() if only_asks else {_COMPILER})
    urls = (word.prefix.partition("+")[0] for word in command.arguments if "+" in word.prefix)
    needs = {program for program in urls if program in VERSION_CONTROL}
    for action in actions_of(command, ctx):
        if action.manager.ecosystem != "language" or action.action not in _FETCHES_PACKAGES:
            continue
        needs.add(_COMPILER if action.action is Action.BUILD else _DEPENDENCIES)
        if action.manager.key in _FETCHES_BY_GIT:
            needs.add("git")
    return frozenset(needs)


def _tools_message(tools: Sequence[Word], *, is_used: bool) -> str:
    shown = list(dict.fromkeys(quoted(package_name(tool.text or "")) for tool in tools))
    if len(shown) == 1:
        start, it = f"{shown[0]} stays in the image", "it"
    elif len(shown) > _SHOWN + 1:
        start, it = f"{', '.join(shown[:_SHOWN])} and {len(shown) - _SHOWN} more stay in the image", "them"
    else:
        start, it = f"{', '.join(shown[:-1])} and {shown[-1]} stay in the image", "them"
    if is_used:
        return f"{start}: build in an earlier stage and copy the result, or remove {it} in the same RUN"
    return f"{start}, and no later step builds with {it}: leave {it} out unless the program needs {it}"


def _sources(placed: Sequence[Placed]) -> tuple[Related, ...]:
    """The first copies of the project's code, which stays in the image besides what was made of it."""
    sources = (
        Related(source.word.span, "the sources stay in the image as well")
        for step in placed
        if isinstance(step.node, Transfer)
        for source in context_sources(step.node, step.step)
        if is_own_code(source)
    )
    return tuple(islice(sources, _SHOWN))
