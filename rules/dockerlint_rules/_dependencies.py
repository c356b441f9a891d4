"""Installations of dependencies: what they need from the build context."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.rule import RuleContext
from dockerlint.shell.managers import Action
from dockerlint.shell.script import Command, Word
from dockerlint.syntax.mounts import MountType
from dockerlint_rules._runs import PackageStep, Placed, commands_of, mounts_of, package_steps
from dockerlint_rules._tables import names

_LOCAL_PREFIXES = (".", "/", "~", "file:", "link:", "workspace:")
_ARCHIVES = (".whl", ".tar.gz", ".tgz", ".zip", ".gem", ".nupkg", ".jar", ".rpm", ".deb", ".apk", ".rock")

# Managers for which a name with a slash is a path.
_SLASH_IS_PATH = names("gem pip pipenv uv")

# Options that select members of a workspace: its manifests are spread over the tree.
_WORKSPACE_OPTIONS = names("--workspace --workspaces -w --filter -F --filter-prod --recursive -r --cwd --projects -pl")
_WORKSPACE_MANAGERS = names("bun npm pnpm yarn")

# Tasks of Maven and Gradle that only fetch what the project depends on.
_FETCHING_TASKS = ("dependency:", "dependencies")

# Commands of a system set-up that read nothing of the build context.
_SET_UP = names(
    """
    : [ [[ add-apt-repository addgroup adduser apt-key apt-mark chsh command curl dpkg dpkg-reconfigure eatmydata echo
    env exit export false fc-cache gpg groupadd ldconfig locale-gen localedef lsb_release mkdir printf set setcap sleep
    sudo tee test time timeout true uname update-alternatives update-ca-certificates update-locale useradd usermod wget
    yes
    """
)
_SYSTEM_FOLDERS = ("/etc/", "/root/.", "/tmp/", "/usr/", "/var/")  # noqa: S108  # nothing is opened


def dependency_installs(placed: Placed, ctx: RuleContext) -> Iterator[PackageStep]:
    """The installations of a RUN that need no file of the context but those that list or lock what to install.

    Not those that install the project itself (`pip install .`), a member of a workspace, or what is not known.
    """
    for step in package_steps(placed, ctx):
        if step.action.manager.ecosystem == "language" and _fetches(step) and not _needs_more(step):
            yield step


def manifests(step: PackageStep) -> tuple[str, ...]:
    """The names of the files that the installation reads; none if its packages are named in the command."""
    action = step.action
    if action.requirement_files:
        return tuple(word.text.rpartition("/")[2] for word in action.requirement_files if word.text)
    if not action.from_manifest:
        return ()
    return (*action.manager.manifests[:1], *action.manager.locks[:1])


def _fetches(step: PackageStep) -> bool:
    action = step.action
    if action.action is Action.INSTALL:
        return action.from_manifest or bool(action.packages)
    if action.action is Action.DOWNLOAD:
        return action.from_manifest
    return action.action is Action.BUILD and any(
        (word.text or "").startswith(_FETCHING_TASKS) for word in action.options.operands
    )


def _needs_more(step: PackageStep) -> bool:
    action = step.action
    manager = action.manager
    if action.options.has(*manager.projects):
        return True
    if manager.key in _WORKSPACE_MANAGERS and action.options.has(*_WORKSPACE_OPTIONS):
        return True
    if manager.key == "go" and any("@" not in word.raw for word in action.packages):
        # Without a version it is a package of the project, or one whose version the project's go.mod decides.
        return True
    return any(_is_local(word, manager.key) for word in (*action.packages, *action.doubtful))


def plain_install(placed: Placed, ctx: RuleContext, ecosystem: str | None = None) -> PackageStep | None:
    """The first installation of a RUN that only installs packages and sets the system up; None for any other RUN.

    Such a RUN reads no file of the project besides manifests, and no variable that it does not name. `ecosystem` is
    that of the only managers to be considered, `os` or `language`.
    """
    steps = tuple(package_steps(placed, ctx))
    managing = {id(step.command) for step in steps if ecosystem in (None, step.action.manager.ecosystem)}
    for command in commands_of(placed, ctx):
        if id(command) not in managing and not _sets_up(command):
            return None
    if MountType.BIND in {mount.type for mount in mounts_of(placed)}:
        return None
    if any(_needs_more(step) for step in steps):
        return None
    return next((step for step in steps if step.action.action is Action.INSTALL), None)


def _sets_up(command: Command) -> bool:
    """Whether a command only changes the system, or the script's own variables."""
    if command.name is None:
        return command.program is None
    if command.name != "rm":
        return command.name in _SET_UP
    return all((word.text or "").startswith(("-", *_SYSTEM_FOLDERS)) for word in command.arguments)


def _is_local(word: Word, manager: str) -> bool:
    """Whether an operand is, or may be, something in the file system; `manager` is the key of what reads it."""
    text = word.text
    if text is None or text.startswith(_LOCAL_PREFIXES):
        return True
    if "://" in text or text.startswith("git@"):
        return False
    return text.endswith(_ARCHIVES) or ("/" in text and manager in _SLASH_IS_PATH and "@" not in text)
