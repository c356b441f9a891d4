"""Working directories: WORKDIR itself, and paths that go on from it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.stages import SourceKind, Stage, Step
from dockerlint.semantics.state import Value, is_absolute, join_path
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import Onbuild, Transfer, Word, Workdir
from dockerlint.unknown import Unknown
from dockerlint_rules._built import BuiltStep, built_steps
from dockerlint_rules._values import value_of

_DRIVE = re.compile(r"[\"']?[A-Za-z]:")


@rule(
    "DL3000",
    "relative-workdir",
    on=Stage,
    needs=(Workdir,),
    severity=Severity.ERROR,
    hadolint=Severity.ERROR,
    aliases=(
        "WorkdirRelativePath",
        "DS-0009",
        "CKV_DOCKER_10",
        "KICS-6b376af8",
        "dockerfilelint/invalid_workdir",
    ),
    tags=("copy",),
)
def relative_workdir(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """The first WORKDIR is relative, so the directory depends on what the base image has set.

    ## Why
    A relative WORKDIR goes on from the working directory in force, and the first one of a file from that of the
    base image. When the base image changes its own WORKDIR, the application moves without any change to this
    file, and absolute paths elsewhere (a volume, a start script, an orchestrator's settings) no longer point at
    it.

    A relative WORKDIR after another one is not reported: it is well defined, or mending the first one mends
    both. The finding is of level info where the directory of the base image is known, and where the path is
    relative only as long as a build argument is not given. The profile `hadolint` reports every relative WORKDIR
    as an error, as hadolint does.

    ## Bad
        FROM example.com/team/base:1.4
        WORKDIR app
        COPY . .

    ## Good
        FROM example.com/team/base:1.4
        WORKDIR /app
        COPY . .
        WORKDIR data

    ## See
    - https://docs.docker.com/reference/dockerfile/#workdir
    - https://docs.docker.com/reference/build-checks/workdir-relative-path/
    """
    for built in built_steps(stage, ctx):
        step = built.step
        if isinstance(step.node, Workdir):
            path = step.node.path
            # Like BuildKit's own check, this looks at the first WORKDIR only; hadolint looks at all that are literal.
            is_first = step.before.workdir_from is None
            also = ctx.as_hadolint and not path.text.lstrip("\"'").startswith("$")
            if (is_first or also) and _is_relative(step, path, stage):
                yield _relative(path, built, ctx)
            if not ctx.as_hadolint:
                return


def _is_relative(step: Step, path: Word, stage: Stage) -> bool:
    """Whether a WORKDIR surely is relative, if no build argument is given besides those that are known."""
    expansion = step.expand(path)
    if expansion.error is not None:
        return False
    # A drive letter means Windows, unless the base image is known to be something else.
    windows = step.windows or stage.base.kind is SourceKind.UNKNOWN
    if isinstance(expansion.value, Unknown):
        # Whatever a variable holds, what follows a literal start is relative.
        start = path.text.lstrip("\"'")
        return not start.startswith("$") and not is_absolute(start, windows=windows)
    return not is_absolute(expansion.value, windows=windows)


def _relative(path: Word, built: BuiltStep, ctx: RuleContext) -> Finding:
    step, directory = built.step, built.step.before.workdir
    shown = f"WORKDIR {quoted(path.text)} is relative"
    value = value_of(step, path)
    if isinstance(directory, Unknown):
        message = f"{shown} to a directory that the base image chooses: write an absolute path"
    else:
        whose = ", the directory of the base image" if step.before.workdir_from is None else ""
        message = f"{shown} to {quoted(directory)}{whose}: write an absolute path"
    if value is not None and step.escape == "\\" and _DRIVE.match(path.text) and "\\" in path.text:
        # `C:\app` without the directive: the builder drops the backslash, and `C:app` is no absolute path.
        instead = "write '/' for the backslash, or start the file with '# escape=`'"
        message = f"WORKDIR {quoted(path.text)} is read as {quoted(value)}: {instead}"
    fix = None
    full = Unknown("") if value is None else join_path(directory, value, windows=step.windows)
    if value == path.text and isinstance(full, str):
        fix = Fix(f"write {full}", Safety.UNSAFE, (Edit(path.span, full),))
    is_minor = isinstance(directory, str) or _awaits_argument(step, path)
    lower_to = Severity.INFO if is_minor and not ctx.as_hadolint else None
    return ctx.finding(built.place(path.span), message, lower_to=lower_to, fix=fix)


def _awaits_argument(step: Step, path: Word) -> bool:
    """Whether the path starts with a build argument that has no value yet."""
    uses = step.expand(path).uses
    return (
        bool(uses)
        and not uses[0].defined
        and uses[0].name in step.before.args
        and path.text.lstrip("\"'").startswith("$")
    )


@rule(
    "DL3045",
    "relative-copy-destination",
    on=Stage,
    needs=(Transfer,),
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    tags=("copy",),
)
def relative_copy_destination(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """Files are copied to a relative path while no WORKDIR is set.

    ## Why
    A relative destination goes on from the working directory. Without a WORKDIR that is the directory of the
    base image, mostly `/`: files end up among those of the system, `COPY . .` may even overwrite some, and
    where they go changes with the base image.

    It is not reported where the directory of the base image is known and is not `/`.

    ## Bad
        FROM example.com/team/base:1.4
        COPY app.conf conf/

    ## Good
        FROM example.com/team/base:1.4
        WORKDIR /srv/app
        COPY app.conf conf/

    ## See
    - https://docs.docker.com/reference/dockerfile/#destination
    - https://docs.docker.com/reference/dockerfile/#workdir
    """
    trigger_sets_it = False
    for step in stage.steps[1:]:
        is_trigger = isinstance(step.node, Onbuild)
        node = step.node.trigger if isinstance(step.node, Onbuild) else step.node
        # A trigger runs in a child build, which starts from the end of this stage.
        before = stage.end if is_trigger else step.before
        if is_trigger and isinstance(node, Workdir):
            trigger_sets_it = True
        elif isinstance(node, Transfer) and before.workdir_from is None and not (is_trigger and trigger_sets_it):
            yield from _relative_destination(node, step, before.workdir, ctx)


def _relative_destination(node: Transfer, step: Step, directory: Value, ctx: RuleContext) -> Iterator[Finding]:
    if isinstance(directory, str) and directory != "/":
        return
    value = value_of(step, node.destination)
    # A drive letter means Windows, also where the name of the base image does not tell.
    if value is None or is_absolute(value, windows=True):
        return
    shown = f"{node.name} to the relative path {quoted(node.destination.text)} without a WORKDIR"
    where = "below '/'" if directory == "/" else "below a directory that the base image chooses"
    message = f"{shown} puts the files {where}: set a WORKDIR before it, or write an absolute path"
    yield ctx.finding(node.destination.span, message)
