"""Installations that need an index of packages which is not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum, auto

from dockerlint.finding import Edit, Finding, Fix, Safety, Severity
from dockerlint.image.names import usual_name
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.model import Model
from dockerlint.semantics.scripts import PACKAGE_MANAGER
from dockerlint.semantics.stages import SourceKind, Stage
from dockerlint.shell.managers import Action
from dockerlint.shell.script import Command, Reach
from dockerlint.source import Source, Span
from dockerlint.syntax.tree import Form, Run, Transfer
from dockerlint_rules._caches import caches_left, is_mounted
from dockerlint_rules._images import DISTRIBUTIONS, LANGUAGES
from dockerlint_rules._runs import PackageStep, Placed, actions_of, commands_of, package_steps, sequences
from dockerlint_rules._tables import names
from dockerlint_rules._values import value_of

_LISTS = "/var/lib/apt/lists"
_FAMILY = "apt-get"
_UPDATE = "apt-get update"

# Commands that do not update the lists of apt; whatever else runs may do so, or bring them.
_HARMLESS = names(
    """
    : [ [[ addgroup adduser apt-cache apt-config apt-key apt-mark awk basename cat cd chmod chown command cp curl cut
    date debconf-set-selections dirname dpkg dpkg-query dpkg-reconfigure echo egrep env exit export false fgrep find
    gpg grep groupadd gunzip gzip head hash id install ldconfig ln locale-gen localedef ls make mkdir mktemp mv npm
    openssl pip pip3 printf pwd read readlink rm rmdir sed set sha256sum sha512sum sleep sort stat strip sudo tail tar
    tee test touch tr true type umask uname uniq unset unxz unzip update-ca-certificates update-locale useradd usermod
    wc wget which xargs xz
    """
)


class _Lists(Enum):
    """Whether the package lists of apt are there."""

    PRESENT = auto()
    ABSENT = auto()
    UNKNOWN = auto()


@rule(
    "DL6012",
    "install-without-index-update",
    on=Model,
    programs=(PACKAGE_MANAGER,),
    severity=Severity.WARNING,
    aliases=("parfum/aptGetUpdatePrecedesInstall",),
    tags=("packages",),
)
def install_without_index_update(model: Model, ctx: RuleContext) -> Iterator[Finding]:
    """`apt-get install` runs without package lists.

    ## Why
    The images of Debian and Ubuntu, and those made from them, come without package lists. An installation finds no
    package then and ends with "Unable to locate package". The lists are also gone where a step before has removed them,
    as it should. `apt-get update` belongs to each RUN that installs something.

    It is only reported where it is known that no lists are there: not for unknown base images, and not below scripts
    and programs that may fetch them.

    ## Bad
        FROM debian:12-slim
        RUN apt-get install -y --no-install-recommends curl

    ## Good
        FROM debian:12-slim
        RUN apt-get update \
         && apt-get install -y --no-install-recommends curl \
         && rm -rf /var/lib/apt/lists/*

    ## See
    https://docs.docker.com/build/building/best-practices/#apt-get
    """
    ends: dict[int, _Lists] = {}
    for stage in model.stages:
        start = _at_start(stage, ends)
        lists = start
        for number, sequence in enumerate(sequences(stage, ctx)):
            # Triggers run in a child of the stage, whose other steps are not known here.
            lists = _Lists.UNKNOWN if number else start
            for placed in sequence:
                lists, missing = _after(placed, lists, ctx)
                if missing is not None:
                    yield _finding(missing, placed, ctx)
            if number == 0:
                ends[stage.index] = lists


def _at_start(stage: Stage, ends: Mapping[int, _Lists]) -> _Lists:
    """The lists that a stage begins with."""
    base = stage.base
    if base.kind is SourceKind.STAGE and base.stage is not None:
        return ends.get(base.stage, _Lists.UNKNOWN)
    if base.kind is SourceKind.IMAGE and base.reference is not None:
        name = usual_name(base.reference)
        return _Lists.ABSENT if name in DISTRIBUTIONS or name in LANGUAGES else _Lists.UNKNOWN
    return _Lists.UNKNOWN


def _after(placed: Placed, lists: _Lists, ctx: RuleContext) -> tuple[_Lists, PackageStep | None]:
    """Whether the lists are there after an instruction, and the first installation that does not find them."""
    if isinstance(placed.node, Transfer):
        destination = value_of(placed.step, placed.node.destination) or "/"
        return (_Lists.UNKNOWN if (_LISTS + "/").startswith(destination.rstrip("/") + "/") else lists), None
    if not isinstance(placed.node, Run):
        return lists, None
    if is_mounted(_LISTS, placed) or placed.node.flag("mount") is not None:
        return _Lists.UNKNOWN, None
    missing = None
    updated = False
    steps: dict[int, list[PackageStep]] = {}
    for step in package_steps(placed, ctx):
        steps.setdefault(id(step.command), []).append(step)
    for command in commands_of(placed, ctx):
        own = [step for step in steps.get(id(command), ()) if step.family == _FAMILY]
        for step in own:
            if step.action.action is Action.UPDATE_INDEX:
                lists = _Lists.PRESENT if step.command.reach is Reach.ALWAYS else _Lists.UNKNOWN
                updated = True
            elif missing is None and lists is _Lists.ABSENT and _needs_lists(step):
                missing = step
        if not own and not _is_harmless(command, ctx):
            lists = _Lists.UNKNOWN
    if updated and lists is _Lists.PRESENT and not any(cache.kind == "lists" for cache in caches_left(placed, ctx)):
        lists = _Lists.ABSENT
    return lists, missing


def _is_harmless(command: Command, ctx: RuleContext) -> bool:
    return command.program is None or command.name in _HARMLESS or bool(actions_of(command, ctx))


def _needs_lists(step: PackageStep) -> bool:
    """Whether a step installs a package by its name; a word that is not known may be a file."""
    return step.action.action is Action.INSTALL and any(
        word.text and "/" not in word.text and not word.text.endswith(".deb") for word in step.action.packages
    )


def _finding(step: PackageStep, placed: Placed, ctx: RuleContext) -> Finding:
    verb = step.action.verb[-1]
    message = f"'{step.label}' finds no package lists here: run '{_UPDATE}' before it in this RUN"
    return ctx.finding(verb.span, message, fix=_updated(step, placed, ctx.source))


def _updated(step: PackageStep, placed: Placed, source: Source) -> Fix | None:
    """A fix that updates the lists in front of the installation, with the same rights."""
    command = step.command
    first = (command, *command.wrappers)[-1]
    program = first.program
    if placed.node.form is Form.EXEC or program is None or source.slice(program.span) != program.text:
        return None
    if len(command.wrappers) > 1 or (command.wrappers and first.name != "sudo") or command.assignments:
        return None
    update = f"{'sudo ' if command.wrappers else ''}{_UPDATE} && "
    place = Span(program.span.start, program.span.start)
    return Fix(f"run '{_UPDATE}' first", Safety.UNSAFE, (Edit(place, update),))
