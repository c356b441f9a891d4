"""Commands that have no use in a build step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.shell.script import Command, Operator, ScopeKind
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.mounts import MountType
from dockerlint.syntax.tree import Run
from dockerlint_rules._runs import commands_of, here, mounts_of
from dockerlint_rules._tables import names

_HADOLINT_POINTLESS = names("free kill mount ps service shutdown ssh top vim ifconfig")

# What each command is for, which no build step is.
_POINTLESS = {
    "free": "shows the memory of the machine that builds",
    "halt": "stops a machine, but a build step is only a process",
    "ifconfig": "shows the network of the build, not that of the container",
    "kill": "ends processes, but none of an earlier step is left",
    "mount": "needs rights that a build step does not have: use RUN --mount",
    "poweroff": "stops a machine, but a build step is only a process",
    "ps": "lists processes, but none of an earlier step is left",
    "reboot": "restarts a machine, but a build step is only a process",
    "service": "starts a process that ends with this step: start it with CMD or ENTRYPOINT",
    "shutdown": "stops a machine, but a build step is only a process",
    "ssh": "needs a key, which does not belong in an image: use RUN --mount=type=ssh",
    "systemctl": "needs systemd, which does not run in a build",
    "top": "watches processes, but nobody sees it",
    "umount": "needs rights that a build step does not have",
    "vim": "waits for somebody who types: use sed or COPY",
}
_OF_PROCESSES = names("kill ps")
_STARTING = names("start restart reload")
_DAEMON_STARTERS = names("daemon nohup service start-stop-daemon supervisord")
_EDITING = ("+", "-c", "-e", "-s", "--cmd", "--version", "--help")
_SUBSTITUTIONS = frozenset({ScopeKind.SUBSTITUTION, ScopeKind.PROCESS_SUBSTITUTION, ScopeKind.CONDITION})

_SUDO_QUERIES = names("-l --list -v --validate -V --version -K -k -h --help")
_WAITING = names("wait kill pkill killall shutdown stop fg pg_ctl mysqladmin redis-cli")
_IDLE = names("sleep echo printf : true")


@rule(
    "DL3001",
    "pointless-command",
    on=Run,
    programs=_POINTLESS,
    severity=Severity.INFO,
    hadolint=Severity.INFO,
    aliases=("KICS-9b6b0f38", "nonsensical-command"),
    tags=("shell",),
)
def pointless_command(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """A command makes no sense in a build step.

    ## Why
    A step of a build is one process that ends, without a terminal, an init system or the processes of other steps.
    `service` starts what is gone when the step ends, `top` and `vim` wait for nobody, `mount` and `shutdown` have no
    rights, and what `free` or `ps` show is no concern of the image.

    Not reported are `ssh` where the RUN has a mount of type ssh, `mount` where it has `--security=insecure`, `kill` and
    `ps` where the same RUN starts something, a `service` that more commands of the RUN use, and a `vim` that is told
    what to do by options.

    ## Bad
        FROM debian:12.7-slim
        RUN service nginx start

    ## Good
        FROM debian:12.7-slim
        CMD ["nginx", "-g", "daemon off;"]

    ## See
    - https://docs.docker.com/reference/dockerfile/#run
    - https://docs.docker.com/engine/containers/multi-service_container/
    """
    commands = commands_of(here(node, ctx), ctx)
    suspects = [command for command in commands if command.name in _POINTLESS and command.is_posix]
    if not suspects:
        return
    work = _Work(
        any(command.background or command.name in _DAEMON_STARTERS for command in commands),
        max((command.span.start for command in commands if command.name not in _IDLE | {"service"}), default=0),
    )
    for command in suspects:
        name = command.name or ""
        by_hadolint = ctx.as_hadolint and name in _HADOLINT_POINTLESS
        if command.program is not None and (by_hadolint or not _makes_sense(command, work, node, ctx)):
            yield ctx.finding(command.program.span, f"{quoted(name)} {_POINTLESS[name]}")


class _Work(NamedTuple):
    """Whether a script starts processes, and where the last command stands that may use them."""

    starts_something: bool
    last: int


def _makes_sense(command: Command, work: _Work, node: Run, ctx: RuleContext) -> bool:
    """Whether a command that is pointless in most steps is not so in this one."""
    name = command.name
    words = [word.text or "" for word in command.arguments]
    if any(scope.kind in _SUBSTITUTIONS for scope in command.scope.outward()):
        return True
    if name == "ssh":
        return any(mount.type is MountType.SSH for mount in mounts_of(here(node, ctx)))
    if name in {"mount", "umount"}:
        flag = node.flag("security")
        return flag is not None and flag.value is not None and flag.value.text == "insecure"
    if name == "systemctl":
        return not _STARTING.intersection(words)
    if name == "vim":
        return any(word.startswith(_EDITING) for word in words)
    if name == "service":
        return _STARTING.isdisjoint(words) or work.last >= command.span.end
    return name in _OF_PROCESSES and work.starts_something


@rule(
    "DL3004",
    "sudo-in-run",
    on=Run,
    programs=("sudo",),
    severity=Severity.ERROR,
    hadolint=Severity.ERROR,
    aliases=("DS-0010", "CKV2_DOCKER_1", "KICS-8ada6e80", "no-sudo-in-dockerfile", "DKL-DI-0001"),
    tags=("shell", "security"),
)
def sudo_in_run(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """A build step calls sudo.

    ## Why
    A step runs as the user that USER names, or as root without one: there is nobody that sudo would have to ask,
    and USER says plainly who does what. To work for another user, sudo has to be in the image with rights that need
    no password, and whoever breaks into the container finds it there. It also has its own idea of the environment:
    HOME and PATH change, signals are lost.

    Use `USER root` before and `USER app` after such steps. What has to start as root and go on as somebody else can use
    `gosu`, `su-exec` or `setpriv`.

    ## Bad
        FROM debian:12.7-slim
        RUN sudo apt-get update

    ## Good
        FROM debian:12.7-slim
        RUN apt-get update

    ## See
    - https://docs.docker.com/build/building/best-practices/#user
    """
    if ctx.step is None:
        return
    user = ctx.step.before.user
    is_root = isinstance(user, str) and user.partition(":")[0] in {"", "0", "root"}
    commands = commands_of(here(node, ctx), ctx)
    wrapped = {command.wrapped_by: command for command in commands if command.wrapped_by is not None}
    for command in commands:
        if command.name != "sudo" or command.program is None or not command.is_posix:
            continue
        if not ctx.as_hadolint and _SUDO_QUERIES.intersection(word.text for word in command.arguments[:1]):
            continue
        if is_root:
            advice = "the step runs as root, so leave it out"
        elif isinstance(user, str):
            advice = f"write 'USER root' above this RUN and 'USER {user}' below it"
        else:
            advice = "leave it out, and write 'USER root' above this RUN if the base image has another user"
        fix = _without_sudo(command, wrapped.get(command), ctx) if is_root else None
        yield ctx.finding(command.program.span, f"a build step needs no {quoted('sudo')}: {advice}", fix=fix)


def _without_sudo(sudo: Command, inner: Command | None, ctx: RuleContext) -> Fix | None:
    """The fix that takes sudo away where it has no options and the command follows in the same line."""
    if inner is None or inner.program is None or sudo.program is None or not sudo.arguments:
        return None
    between = Span(sudo.program.span.start, inner.program.span.start)
    if ctx.source.slice(between).split() != [sudo.program.raw]:
        return None
    return Fix("Leave sudo out", Safety.UNSAFE, (Edit(between, ""),))


@rule("DL8032", "background-process-in-run", on=Run, severity=Severity.WARNING, tags=("shell",))
def background_process_in_run(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """A build step leaves a process in the background, which is killed when the step ends.

    ## Why
    When the shell of a RUN ends, everything that it has started is killed. A server that a step starts does not run
    in the next one or in the container, and work in the background is cut off wherever it has come to, without an
    error.

    Nothing is reported where the same RUN waits for the process, stops it, or goes on to use it.

    ## Bad
        FROM postgres:17
        RUN /setup.sh &

    ## Good
        FROM postgres:17
        RUN /setup.sh

    ## See
    - https://docs.docker.com/reference/dockerfile/#run
    - https://docs.docker.com/engine/containers/multi-service_container/
    """
    script = ctx.script(node)
    if not script.is_posix:
        return
    # Where the last command stands that waits for something, or may use what runs beside it.
    used = max((each.span.start for each in script.commands if each.name in _WAITING or _is_work(each)), default=0)
    for command in script.commands:
        if not _is_left_behind(command) or command.program is None or used >= command.span.end:
            continue
        word = command.program
        message = (
            f"{quoted(word.raw)} in the background is killed when this step ends: wait for it, or start it with CMD"
        )
        yield ctx.finding(word.span, message)
        return


def _is_left_behind(command: Command) -> bool:
    return _is_detached(command) and command.wrapped_by is None and command.name != "wait"


def _is_work(command: Command) -> bool:
    return command.name not in _IDLE and not _is_detached(command)


def _is_detached(command: Command) -> bool:
    """Whether a command, or a group that it stands in, ends with `&`."""
    return command.background or command.after is Operator.BACKGROUND
