"""USER: which user a container runs as."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from dockerlint.finding import Finding, Related, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import SourceKind, Stage
from dockerlint.shell.interpreters import POSIX_DIALECTS, base_name
from dockerlint.shell.script import Command
from dockerlint.source import Span
from dockerlint.syntax.image_references import ImageReference
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.tree import From, Run, Transfer, User
from dockerlint.unknown import Unknown
from dockerlint_rules._labels import image_steps
from dockerlint_rules._start import Start, StartValue, start_of

_USER_TOOLS = ("useradd", "adduser")
_UID_OPTION = re.compile(r"(?:--uid|-[A-Za-z]*u)(?:=?(?P<uid>[0-9]+))?")
#: Programs that start another one as another user; whoever installs one means to start as root and give that up.
_DROPPERS = frozenset(("gosu", "su-exec", "s6-setuidgid", "setpriv"))

#: Images without root say so in their name or tag: `distroless/static:nonroot`, `nginx-unprivileged`,
#: `docker:dind-rootless`, and the chiseled images of .NET.
_NON_ROOT = frozenset(("chiseled", "nonroot", "rootless", "unprivileged"))
_NAME_PARTS = re.compile(r"[^a-z0-9]+")

#: Programs that wait for somebody to type, without the digits of a version.
_INTERPRETERS = POSIX_DIALECTS | frozenset(
    ("clj", "erl", "ghci", "groovysh", "iex", "irb", "jshell", "julia", "lua", "node", "perl", "php", "pypy", "python")
)


@dataclass(frozen=True, slots=True)
class _RunningUser:
    """The user at the end of the target, as a USER of this file sets it: `name` without the group."""

    node: User
    name: str

    @property
    def span(self) -> Span:
        """The name in the file, without the group where the two can be told apart."""
        word = self.node.user
        return word.span_of(0, len(self.name)) if word.text.startswith(f"{self.name}:") else word.span


@rule(
    "DL3002",
    "last-user-root",
    on=Model,
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=("DS-0002", "CKV_DOCKER_8", "KICS-67fd0c4a", "last-user-is-root", "CIS-DI-0001"),
    tags=("security", "users"),
)
def last_user_root(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """The last USER of the final image is root.

    ## Why
    A process that runs as root in a container is root on the host as well, but for the walls of the container:
    a flaw in the kernel or the engine, a mounted socket or a directory of the host is all that somebody needs
    who has taken over the process. Root is needed to install packages; switch to another user when that is
    done.

    Only the final stage and those that it is FROM count. Stages that files are copied from may run as root; the profile
    `hadolint` reports them too, as hadolint does.

    ## Bad
        FROM node:22-slim
        USER node
        COPY . /app
        USER root
        CMD ["node", "/app/server.js"]

    ## Good
        FROM node:22-slim
        USER root
        COPY . /app
        USER 1000
        CMD ["node", "/app/server.js"]

    ## See
    - https://docs.docker.com/reference/dockerfile/#user
    - https://docs.docker.com/build/building/best-practices/#user
    """
    users = [_running_user(model.target)] if model.target is not None else []
    if ctx.as_hadolint:
        users += [_running_user(stage) for stage in model.stages if stage is not model.target]
    for user in users:
        if user is None or not _is_root(user.name):
            continue
        message = f"containers run as {quoted(user.name)}: switch to another user after the last step that needs root"
        yield ctx.finding(user.span, message)


@rule(
    "DL3066",
    "named-user",
    on=Model,
    severity=Severity.INFO,
    hadolint=Severity.INFO,
    tags=("security", "users"),
)
def named_user(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """The last USER of the final image is a name, which an orchestrator cannot check.

    ## Why
    Kubernetes refuses to start a container under `runAsNonRoot: true` if the image gives a user by name: only a
    number shows, without a look into the image, that it is not root. A number works with both, and `USER 1000`
    needs no entry in `/etc/passwd`.

    Windows images have no numbers for users and are not reported. The profile `hadolint` reports every USER that is not
    a plain number, as hadolint does.

    ## Bad
        FROM debian:12.7-slim
        RUN useradd --uid 1000 app
        USER app

    ## Good
        FROM debian:12.7-slim
        RUN useradd --uid 1000 app
        USER 1000

    ## See
    - https://docs.docker.com/reference/dockerfile/#user
    - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
    """
    if ctx.as_hadolint:
        yield from _users_without_number(model, ctx)
        return
    user = None if model.target is None else _running_user(model.target)
    if user is None or model.target is None or model.target.windows:
        return
    if _is_root(user.name) or user.name.isdigit():
        return
    created = _creation(user.name, model, model.target, ctx)
    hint = "its number" if created is None else quoted(created[0])
    related = () if created is None else (Related(created[1].span, f"it gets the number {created[0]} here"),)
    message = f"USER {quoted(user.name)} is a name, which Kubernetes cannot tell from root (runAsNonRoot): write {hint}"
    yield ctx.finding(user.span, message, related=related)


@rule(
    "DL7001",
    "missing-user",
    on=Model,
    severity=Severity.WARNING,
    aliases=("DS-0002", "CKV_DOCKER_3", "KICS-fd54f200", "missing-user", "missing-user-entrypoint", "CIS-DI-0001"),
    tags=("security", "users"),
)
def missing_user(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """No USER is set, and the base image runs as root.

    ## Why
    Without a USER the image runs as the user of its base image, and that is root for nearly all of them. A
    process that runs as root in a container is root on the host as well, but for the walls of the container.

    The finding is of level info where the user of the base image is not known, where the image is a base for
    others (it has neither CMD nor ENTRYPOINT, or starts nothing but an interpreter or a shell), and where the
    file installs a program such as gosu that gives up root at the start. Base images that are known to run as
    another user are fine, and so are unknown ones whose name or tag says so (`nonroot`, `rootless`, `unprivileged`,
    `chiseled`).

    ## Bad
        FROM scratch
        COPY server /
        ENTRYPOINT ["/server"]

    ## Good
        FROM scratch
        COPY server /
        USER 10001
        ENTRYPOINT ["/server"]

    ## See
    - https://docs.docker.com/reference/dockerfile/#user
    - https://docs.docker.com/build/building/best-practices/#user
    """
    stage = model.target
    if stage is None or stage.windows or stage.end.user_from is not None:
        return
    user = stage.end.user
    span = stage.node.image.span if isinstance(stage.node, From) else stage.node.keyword.span
    base = model.chain(stage)[0].base
    if isinstance(user, Unknown):
        if base.reference is not None and _is_named_non_root(base.reference):
            return
        message = "no USER is set, and the one of the base image is not known: add a USER with a number other than 0"
        yield ctx.finding(span, message, lower_to=Severity.INFO)
        return
    start = start_of(stage, ctx)
    starts = any(
        isinstance(value, StartValue) and value.node is not None for value in (start.entrypoint, start.command)
    )
    scratch = base.kind is SourceKind.SCRATCH
    if (user and not _is_root(user.partition(":")[0])) or (scratch and not starts):
        return
    message = "no USER is set, so containers run as root: add a USER with a number other than 0, such as 'USER 10001'"
    harmless = not starts or _starts_interpreter(start) or _gives_up_root(model, stage, ctx)
    yield ctx.finding(span, message, lower_to=Severity.INFO if harmless else None)


def _users_without_number(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """Each USER that does not give a number, or may not."""
    for stage in model.stages:
        for step in stage.steps:
            if not isinstance(step.node, User):
                continue
            value = step.expand(step.node.user).value
            name = "" if isinstance(value, Unknown) else value.partition(":")[0]
            if not name.isdigit():
                what = "is" if name else "may be"
                message = f"USER {quoted(step.node.user.text)} {what} a name: write a number, which needs no look-up"
                yield ctx.finding(step.node.user.span, message)


def _running_user(stage: Stage) -> _RunningUser | None:
    """The last USER that counts for a stage; None if there is none, or its value cannot be known or is empty."""
    state = stage.end
    if not isinstance(state.user_from, User) or not isinstance(state.user, str):
        return None
    name = state.user.partition(":")[0]
    return _RunningUser(state.user_from, name) if name else None


def _is_root(name: str) -> bool:
    return name == "root" or not name.strip("0")


def _is_named_non_root(reference: ImageReference) -> bool:
    parts = _NAME_PARTS.split(f"{reference.path}:{reference.tag}".lower())
    return not _NON_ROOT.isdisjoint(parts)


def _starts_interpreter(start: Start) -> bool:
    """Whether containers start nothing but an interpreter or a shell, as images do that others are built on."""
    command = start.command
    if start.entrypoint is not None or not isinstance(command, StartValue) or command.shell_form:
        return False
    program, *arguments = command.words or ("",)
    name = base_name(program).rstrip("0123456789.")
    return name in _INTERPRETERS and all(argument.startswith("-") for argument in arguments)


def _gives_up_root(model: Model, stage: Stage, ctx: RuleContext) -> bool:
    """Whether a program that gives up root at the start comes into the image of a stage."""
    for step in image_steps(model, stage):
        node = step.node
        if isinstance(node, Transfer):
            words = [source.text for source in (*node.sources, node.destination)]
        elif isinstance(node, Run):
            words = [word.text or "" for command in ctx.script(node, step).commands for word in command.words]
        else:
            continue
        if any(word.partition("=")[0].rpartition("/")[2] in _DROPPERS for word in words):
            return True
    return False


def _creation(name: str, model: Model, stage: Stage, ctx: RuleContext) -> tuple[str, Command] | None:
    """The number that a command of the image gives a new user of that name, and the command."""
    for step in image_steps(model, stage):
        if isinstance(step.node, Run):
            for command in ctx.script(step.node, step).named(*_USER_TOOLS):
                uid = _uid(command)
                if uid is not None and any(word.text == name for word in command.arguments):
                    return uid, command
    return None


def _uid(command: Command) -> str | None:
    """The value of `-u` or `--uid`, alone, glued to it or behind `=`, if it is a number."""
    words = [word.text or "" for word in command.arguments]
    for word, following in pairwise([*words, ""]):
        match = _UID_OPTION.fullmatch(word)
        if match is not None:
            uid = match["uid"] or following
            return uid if uid.isascii() and uid.isdigit() else None
    return None
