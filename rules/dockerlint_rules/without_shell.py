"""Images without a shell: commands that need one."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Confidence, Finding, Severity
from dockerlint.image.names import usual_name
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.stages import FileSource, SourceKind, Stage, Step
from dockerlint.semantics.state import join_path
from dockerlint.shell.interpreters import dialect_of
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.mounts import MountType
from dockerlint.syntax.paths import clean_path
from dockerlint.syntax.tree import Form, Healthcheck, Instruction, Run, StartCommand, Transfer
from dockerlint_rules._runs import Placed, mounts_of
from dockerlint_rules._sources import is_archive, is_remote
from dockerlint_rules._tables import names
from dockerlint_rules._values import value_of

_SHELL = "/bin/sh"
_ABOVE_SHELL = ("/", "/bin")

#: Beginnings of the names of images without a shell, and what is in the tags of those that have one.
_DISTROLESS = ("gcr.io/distroless/", "cgr.dev/chainguard/static", "cgr.dev/chainguard/glibc-dynamic")
_WITH_SHELL = ("debug", "dev")

#: What people call folders that hold a whole system.
_SYSTEM_FOLDERS = names("alpine bin bundle fs image layer output root rootfs sysroot system")


@rule(
    "DL5026",
    "shell-form-without-shell",
    on=Stage,
    severity=Severity.ERROR,
    supersedes=("DL3025", "DL8007", "DL8012"),
    aliases=("tally/shell-run-in-scratch",),
    tags=("start-command",),
)
def shell_form_without_shell(stage: Stage, ctx: RuleContext) -> Iterator[Finding]:
    """A command in shell form stands in an image that has no shell.

    ## Why
    `CMD server --port 80` starts `/bin/sh`, which starts the server. `scratch` is empty, and distroless images have no
    shell either: a RUN fails while the image is built, a CMD, ENTRYPOINT or HEALTHCHECK when the container starts, with
    "no such file or directory". A JSON array starts the program itself.

    Nothing is reported where a COPY or ADD may have brought a shell: a file or folder at its place, an archive or a
    whole folder at `/`.

    ## Bad
        FROM scratch
        COPY server /server
        ENTRYPOINT /server

    ## Good
        FROM scratch
        COPY server /server
        ENTRYPOINT ["/server"]

    ## See
    - https://docs.docker.com/reference/dockerfile/#shell-and-exec-form
    - https://github.com/GoogleContainerTools/distroless#entrypoints
    """
    chain = ctx.model.chain(stage)
    base = chain[0].base
    if stage.windows or not _lacks_shell(base):
        return
    earlier = (step for parent in chain[:-1] for step in parent.steps[1:])
    if any(_may_bring_shell(step) for step in (*earlier, *stage.triggered)):
        return
    what = "'scratch' is empty" if base.kind is SourceKind.SCRATCH else "the base image has no shell"
    for step in stage.steps[1:]:
        if _may_bring_shell(step):
            return
        node = step.node
        if _needs_shell(node) and not _mounts_files(node, step):
            message = f"{node.name} in shell form needs {quoted(_SHELL)}, but {what}: write a JSON array"
            yield ctx.finding(_place(node), message, confidence=Confidence.MEDIUM)


def _lacks_shell(base: FileSource) -> bool:
    if base.kind is SourceKind.SCRATCH:
        return True
    reference = base.reference
    if reference is None or any(word in reference.tag for word in _WITH_SHELL):
        return False
    return usual_name(reference).startswith(_DISTROLESS)


def _needs_shell(node: Instruction) -> bool:
    command = node.command if isinstance(node, (Run, StartCommand, Healthcheck)) else None
    return command is not None and command.form is Form.SHELL


def _place(node: Instruction) -> Span:
    """The command of a container's start, where other rules speak of its form as well; the keyword of a RUN."""
    command = node.command if isinstance(node, (StartCommand, Healthcheck)) else None
    return command.script.span if command is not None and command.script is not None else node.keyword.span


def _mounts_files(node: Instruction, step: Step) -> bool:
    """Whether a RUN has the files of another image or stage, which may bring a shell for the time being."""
    return any(mount.type in (MountType.BIND, None) for mount in mounts_of(Placed(node, step)))


def _may_bring_shell(step: Step) -> bool:
    """Whether there may be a shell after an instruction that was not there before."""
    node = step.node
    if step.before.shell_from is not None:
        return True
    if isinstance(node, Run):
        # What a program of the image does is not known.
        return node.command.form is not Form.SHELL or _mounts_files(node, step)
    if not isinstance(node, Transfer):
        return False
    destination = value_of(step, node.destination)
    path = None if destination is None else join_path(step.before.workdir, destination, windows=False)
    if not isinstance(path, str):
        return True
    if clean_path(path) == _SHELL:
        return True
    return clean_path(path) in _ABOVE_SHELL and any(
        _may_hold_shell(value_of(step, source), path) for source in node.sources
    )


def _may_hold_shell(source: str | None, destination: str) -> bool:
    """Whether a source that is copied to `/` or `/bin` may be, or hold, a shell."""
    if source is None or is_archive(source) or is_remote(source) or source.endswith("/") or "*" in source:
        return True
    name = clean_path(f"/{source}").rpartition("/")[2]
    is_shell = dialect_of(name) is not None or name == "busybox"
    return not name or is_shell or name in _SYSTEM_FOLDERS or name.startswith(".")
