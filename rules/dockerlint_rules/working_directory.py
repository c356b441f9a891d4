"""What a RUN changes in its own shell: the working directory, variables, options. It ends with the step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.stages import Step
from dockerlint.semantics.state import is_absolute, join_path
from dockerlint.shell.script import Command, Operator, Reach, ScopeKind, Script, Word
from dockerlint.source import Span
from dockerlint.syntax.invalid import quoted
from dockerlint.syntax.paths import clean_path
from dockerlint.syntax.tree import Form, Run, Workdir
from dockerlint_rules._tables import names

_DIRECTORY_COMMANDS = names("cd chdir pushd popd")
_STATE = names("alias cd chdir export set shopt ulimit umask unalias unset")
_SOURCING = names(". source")
_TEMPORARY = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 - names to look for

# Files that only set variables.
_ENVIRONMENT_FILES = ("rc", "profile", "activate", ".env", "/env", "environment", "enable")
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+@")


@rule(
    "DL3003",
    "directory-change-in-run",
    on=Run,
    programs=("cd",),
    severity=Severity.WARNING,
    hadolint=Severity.WARNING,
    aliases=("DS-0013", "KICS-f4a6bcd3", "use-workdir"),
    tags=("shell",),
)
def directory_change_in_run(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """A RUN begins with cd where WORKDIR would say the same for all that follows.

    ## Why
    The directory that `cd` sets is forgotten when the step ends, so the next instruction has to set it again, and
    people who read the file have to keep in mind where each command runs. WORKDIR holds until the next one, makes
    the folder if there is none, and shows in the image where its command starts.

    A `cd` is fine where it is only an excursion: in a subshell, with `pushd`, behind other commands, in a loop or a
    branch, with a way back, to a temporary folder or to one whose name a variable holds.

    ## Bad
        FROM debian:12.7-slim
        COPY . /src
        RUN cd /src && make install

    ## Good
        FROM debian:12.7-slim
        WORKDIR /src
        COPY . .
        RUN make install

    ## See
    - https://docs.docker.com/build/building/best-practices/#workdir
    - https://docs.docker.com/reference/dockerfile/#workdir
    """
    if ctx.step is None:
        return
    script = ctx.script(node)
    change = _first_change(node, script)
    if change is not None:
        place = change.arguments[0]
        where = _directory(place.text or "", ctx.step)
        message = f"'cd {place.text}' holds for this RUN only: write {quoted(f'WORKDIR {where}')} above it"
        yield ctx.finding(change.span, message, fix=_workdir_fix(node, change, where, script, ctx))
    elif ctx.as_hadolint:
        for command in script.named("cd"):
            yield ctx.finding(command.span, "the directory is changed for this RUN only: use WORKDIR")
            return


def _first_change(node: Run, script: Script) -> Command | None:
    """The `cd` to a known place with which a script begins, if all that follows runs there."""
    if node.heredocs or node.command.form is not Form.SHELL or not script.is_posix:
        return None
    commands = [command for command in script.commands if command.name != "set"]
    if not commands:
        return None
    first, *others = commands
    words = first.arguments
    if first.name != "cd" or len(words) != 1 or any(other.name in _DIRECTORY_COMMANDS for other in others):
        return None
    if first.scope.kind is not ScopeKind.SCRIPT or first.after is Operator.OR or first.redirects:
        return None
    text = words[0].text
    if not text or not _PLAIN.issuperset(text) or text[0] == "-" or text.startswith(_TEMPORARY):
        return None
    return None if ".." in text.split("/") else first


def _directory(text: str, step: Step) -> str:
    """Where `cd` goes, in full if the directory in force is known: a relative WORKDIR would add up with the next."""
    path = join_path(step.before.workdir, clean_path(text), windows=False)
    return path if isinstance(path, str) else text


def _workdir_fix(node: Run, change: Command, where: str, script: Script, ctx: RuleContext) -> Fix | None:
    """The fix that puts a WORKDIR above, where the next instruction sets the directory anew."""
    assert ctx.step is not None
    if change is not script.commands[0] or change.after is not Operator.AND or len(script.commands) < 2:
        return None
    if not _next_sets_directory(node, ctx):
        return None
    lines = ctx.source.lines
    start = lines.line_span(lines.line(node.span.start)).start
    if ctx.source.text[start : node.span.start].strip() or start != node.span.start:
        return None
    rest = Span(change.span.start, script.commands[1].span.start)
    edits = (Edit(Span(start, start), f"WORKDIR {where}\n"), Edit(rest, ""))
    return Fix("Use WORKDIR", Safety.UNSAFE, edits)


def _next_sets_directory(node: Run, ctx: RuleContext) -> bool:
    stage = ctx.stage
    if stage is None:
        return False
    steps = [step for step in stage.steps if step.node.span.start > node.span.end]
    following = steps[0].node if steps else None
    return isinstance(following, Workdir) and is_absolute(following.path.text, windows=False)


@rule("DL5034", "lost-shell-state", on=Run, severity=Severity.WARNING, tags=("shell",))
def lost_shell_state(node: Run, ctx: RuleContext) -> Iterator[Finding]:
    """A RUN changes nothing but its own shell, which ends with the step.

    ## Why
    Every RUN has a shell of its own. A variable that it exports, a directory that it goes to, a file that it
    sources, an alias, a umask or a limit that it sets are gone in the next instruction and in the container: the
    RUN does nothing, and what relies on it works by chance or not at all.

    ENV keeps a variable, WORKDIR a directory, USER a user and SHELL the options of the shell. Anything else belongs
    in the RUN that needs it.

    ## Bad
        FROM debian:12.7-slim
        RUN export PATH=/opt/app/bin:$PATH
        RUN umask 077

    ## Good
        FROM debian:12.7-slim
        ENV PATH=/opt/app/bin:$PATH
        RUN umask 077 && mkdir /srv/app

    ## See
    - https://docs.docker.com/reference/dockerfile/#env
    - https://docs.docker.com/reference/dockerfile/#workdir
    """
    script = ctx.script(node)
    commands = script.commands
    if not commands or node.command.form is not Form.SHELL or not script.is_posix or script.errors:
        return
    if not all(_is_state(command) for command in commands):
        return
    told = next((command for command in commands if command.name != "set"), commands[0])
    written = " ".join(word.raw for word in told.words) or ctx.source.slice(told.assignments[0].span)
    message = f"{quoted(written)} is forgotten when this RUN ends: {_keep(told)}"
    yield ctx.finding(told.span, message, fix=_kept(node, told) if len(commands) == 1 else None)


def _is_state(command: Command) -> bool:
    """Whether a command changes nothing outside its shell."""
    if command.scope.kind is not ScopeKind.SCRIPT or command.redirects or command.reach is Reach.ON_FAILURE:
        return False
    if command.program is None:
        return bool(command.assignments)
    words = command.arguments
    if command.name in _SOURCING:
        return len(words) > 0 and _is_environment(words)
    if command.name == "su":
        return not any((word.text or "-c").startswith(("-c", "--command", "--session-command")) for word in words)
    if command.name in {"alias", "export", "umask", "ulimit"} and not words:
        # It shows what is set.
        return False
    return command.name in _STATE


def _is_environment(words: Sequence[Word]) -> bool:
    """Whether the name of a sourced file says that it sets variables and does no work."""
    name = words[0].text or words[0].raw
    return name.endswith(_ENVIRONMENT_FILES)


def _keep(command: Command) -> str:
    if command.name in {"cd", "chdir"}:
        return "use WORKDIR"
    if command.program is None or command.name == "export":
        return "use ENV"
    if command.name == "su":
        return "use USER"
    if command.name in _SOURCING and (command.arguments[0].text or "").endswith("activate"):
        return "put the environment's bin folder into PATH with ENV"
    if command.name in {"set", "shopt"}:
        return "use SHELL, or put it in the RUN that needs it"
    return "put it in the RUN that needs it"


def _kept(node: Run, command: Command) -> Fix | None:
    """WORKDIR for a lone `cd`, ENV for a lone variable, where the value is plain."""
    if node.flags or node.heredocs:
        return None
    if command.name == "cd" and len(command.arguments) == 1:
        keyword, text = "WORKDIR", command.arguments[0].text
    elif len(command.assignments) == 1 and (command.program is None or len(command.arguments) == 1):
        (assignment,) = command.assignments
        value = None if assignment.value is None or assignment.append else assignment.value.text
        keyword, text = "ENV", None if value is None else f"{assignment.name}={value}"
    else:
        return None
    if not text or text.startswith("-") or not _PLAIN.issuperset(text.replace("=", "", 1)):
        return None
    return Fix(f"Use {keyword}", Safety.UNSAFE, (Edit(node.span, f"{keyword} {text}"),))
