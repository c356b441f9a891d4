"""What a command does with packages: rules ask for these facts instead of for words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from typing import NamedTuple

from dockerlint.shell.interpreters import base_name
from dockerlint.shell.managers import Action, Manager
from dockerlint.shell.options import Options, Syntax, read_options
from dockerlint.shell.script import Command, Word

_PYTHON = re.compile(r"(?:python|pypy)[0-9.]*|py")
_PYTHON_VALUED = frozenset({"-W", "-X", "--check-hash-based-pycs"})
_PHP_SYNTAX = Syntax(valued=frozenset({"-d", "-c"}))
_VERSIONED_PIP = re.compile(r"pip[0-9][0-9.]*")
_FALSE = frozenset({"0", "false", "no", "off"})
_TRUE = frozenset({"1", "true", "yes", "on"})
_APT_ASSUME_YES = "apt::get::assume-yes"
_APT_RECOMMENDS = "apt::install-recommends"
_WITHOUT_PACKAGES = frozenset({Action.OTHER, Action.CLEAN, Action.REMOVE})
_LOCAL = (".", "/", "~", "file:")
_PACMAN_REFRESH = ("-y", "--refresh")
_PACMAN_UPGRADE = ("-u", "--sysupgrade")
_PACMAN_CLEAN = ("-c", "--clean")


class PackageAction(NamedTuple):
    """One thing that a command does with packages.

    `tool` is the name of the program, `verb` the words of the sub-command (none for a bare `yarn` or `pacman -S`).
    `packages` are the operands behind the verb: names, paths and URLs, also those whose text is not static; values of
    options are not among them. `doubtful` are words that may be a package or the value of an unknown option.

    `assume_yes`: no question is asked. `no_cache`: this very command leaves the cache unfilled, by an option or by
    a variable set in front of it. `no_recommends`: weak dependencies stay out. `requirement_files` are files with
    lists of packages. `from_manifest`: what is installed, or needed for a build, is listed in files of the project.
    `frozen`: the lock file is law. `no_development`: development dependencies are left out. `empties` are the kinds
    of caches (`Manager.caches`) that a clean-up empties.
    """

    manager: Manager
    tool: str
    action: Action
    verb: tuple[Word, ...]
    packages: tuple[Word, ...]
    doubtful: tuple[Word, ...]
    options: Options
    assume_yes: bool
    no_cache: bool
    no_recommends: bool
    requirement_files: tuple[Word, ...]
    from_manifest: bool
    frozen: bool
    no_development: bool
    empties: tuple[str, ...]

    @property
    def verb_text(self) -> str:
        """The words of the sub-command in one text: `pip install` of `uv pip install`."""
        return " ".join(word.text or "" for word in self.verb)


def package_actions(command: Command) -> tuple[PackageAction, ...]:
    """What the command does with packages; nothing if it is no package manager.

    A manager that is called for something else (`pip --version`, `npm run build`) gives `Action.OTHER`. Some
    commands do two things: `pacman -Syu` fills the index and upgrades.
    """
    found = _manager(command)
    if found is None:
        return ()
    manager, tool, words = found
    call = _Call(manager, tool, words, command)
    actions = _by_verb(call)
    if manager.flag_verbs and actions[0].action is Action.OTHER:
        return _by_flags(call) or actions
    return actions


class _Call(NamedTuple):
    """A manager, the name it is called by and the words behind it."""

    manager: Manager
    tool: str
    words: tuple[Word, ...]
    command: Command


def _manager(command: Command) -> tuple[Manager, str, tuple[Word, ...]] | None:
    """The manager that a command is, also behind an interpreter: `python3 -m pip`, `php composer.phar`."""
    name = command.name
    if name is None:
        return None
    from dockerlint.shell.known_managers import manager_by_name  # noqa: PLC0415 - the tables take time to load

    known = manager_by_name()
    if name in known:
        return known[name], name, command.arguments
    if not name.startswith("p"):
        return None
    if _VERSIONED_PIP.fullmatch(name):
        return known["pip"], name, command.arguments
    if _PYTHON.fullmatch(name):
        module, rest = _python_module(command.arguments)
        return (known[module], module, rest) if module in known else None
    if name == "php":
        operands = read_options(command.arguments, _PHP_SYNTAX, until_operand=True).operands
        program = base_name(operands[0].text or "") if operands else ""
        return (known["composer"], program, operands[1:]) if program.startswith("composer") else None
    return None


def _python_module(words: Sequence[Word]) -> tuple[str, tuple[Word, ...]]:
    """The module of `python -m NAME` and the words behind it; `-m` ends the interpreter's own options."""
    at = 0
    while at < len(words):
        text = words[at].text or ""
        at += 1
        if len(text) < 2 or text[0] != "-" or text.startswith("-c"):
            break
        if text in _PYTHON_VALUED:
            at += 1
        elif not text.startswith("--") and "m" in text:
            glued = text.partition("m")[2]
            if glued:
                return glued, tuple(words[at:])
            return (words[at].text or "", tuple(words[at + 1 :])) if at < len(words) else ("", ())
    return "", ()


def _by_verb(call: _Call) -> tuple[PackageAction, ...]:
    """The action of a sub-command, and those that come with it."""
    manager = call.manager
    before = read_options(call.words, manager.general, until_operand=True)
    rest = _without_toolchain(before.operands)
    behind = read_options(rest[1:], manager.syntax) if rest else Options((), ())
    operands = (*rest[:1], *behind.operands)
    length, action = _verb(manager, operands)
    if action is Action.CLEAN:
        # Letters that take a value elsewhere are switches here: `conda clean -afy`.
        behind = read_options(rest[1:], manager.syntax.with_valued(()))
        operands = (*rest[:1], *behind.operands)
    options = Options((*before.flags, *behind.flags), operands, behind.doubtful)
    packages = operands[length:]
    if manager.repeatable:
        length, action, packages = 0, _strongest(manager, operands), ()
    elif action is None or (length == 0 and options.has(*manager.queries)):
        length, action, packages = 1, Action.OTHER, ()
    answered = _assumes_yes(call, before, behind)
    first = _action(call, action, options, operands[:length], packages, assume_yes=answered)
    if action is Action.INSTALL and _given(options, manager.refresh):
        return (first._replace(action=Action.UPDATE_INDEX, packages=(), doubtful=()), first)
    return (first,)


def _verb(manager: Manager, operands: Sequence[Word]) -> tuple[int, Action | None]:
    """How many of the operands are the sub-command, the longest that is known, and what it does."""
    for length in (3, 2, 1):
        if length <= len(operands):
            verb = " ".join(word.text or "" for word in operands[:length])
            if verb in manager.verbs:
                return length, manager.verbs[verb]
    bare = manager.verbs.get("")
    # Without a sub-command yarn and bundler read the manifest; what else they get is the name of a script.
    if bare is None or (operands and "" in manager.manifest_verbs):
        return 0, None
    return 0, bare


def _without_toolchain(operands: tuple[Word, ...]) -> tuple[Word, ...]:
    """`cargo +nightly build` names a toolchain first."""
    return operands[1:] if operands and operands[0].prefix.startswith("+") else operands


def _strongest(manager: Manager, operands: Sequence[Word]) -> Action:
    """What `mvn clean package` does: it builds."""
    actions = {manager.verbs.get(_task(word)) for word in operands}
    return Action.BUILD if Action.BUILD in actions else Action.CLEAN if Action.CLEAN in actions else Action.OTHER


def _task(word: Word) -> str:
    """The task of `:app:build` or `dependency:go-offline`."""
    text = word.text or ""
    return text.rsplit(":", 1)[-1] if text.startswith(":") else text


def _by_flags(call: _Call) -> tuple[PackageAction, ...]:
    """The actions of a manager whose verbs are options: dpkg, rpm, pacman; none if no such option is given."""
    manager = call.manager
    options = read_options(call.words, manager.syntax)
    names = frozenset(flag.name for flag in options.flags)
    verb = next((flag for flag in options.flags if flag.name in manager.flag_verbs), None)
    if verb is None:
        return ()
    if names & manager.queries:
        return (_action(call, Action.OTHER, options, (verb.word,), ()),)
    action = manager.flag_verbs[verb.name]
    answered = _assumes_yes(call, options, Options((), ()))
    kinds = [action]
    if manager.key == "pacman" and action is Action.INSTALL:
        kinds = _of_pacman(names, options.operands)
    return tuple(
        _action(
            call,
            kind,
            options,
            (verb.word,),
            options.operands if kind is action else (),
            assume_yes=answered,
            flag=verb.name,
        )
        for kind in kinds
    )


def _of_pacman(names: frozenset[str], packages: Sequence[Word]) -> list[Action]:
    """What the letters behind `-S` add up to: `y` fills the index, `u` upgrades, `c` empties the cache."""
    if names.intersection(_PACMAN_CLEAN):
        return [Action.CLEAN]
    kinds = []
    if names.intersection(_PACMAN_REFRESH):
        kinds.append(Action.UPDATE_INDEX)
    if names.intersection(_PACMAN_UPGRADE):
        kinds.append(Action.UPGRADE)
    return [*kinds, Action.INSTALL] if packages or not kinds else kinds


def _action(
    call: _Call,
    action: Action,
    options: Options,
    verb: tuple[Word, ...],
    packages: tuple[Word, ...],
    *,
    assume_yes: bool = False,
    flag: str | None = None,
) -> PackageAction:
    manager = call.manager
    name = " ".join(word.text or "" for word in verb) if flag is None else flag
    files = tuple(options.values(*manager.requirements))
    if name in manager.file_verbs:
        files, packages = (*files, *packages), ()
    # What a build is given are targets of the project.
    building = action is Action.BUILD
    return PackageAction(
        manager=manager,
        tool=call.tool,
        action=action,
        verb=verb,
        packages=packages,
        doubtful=options.doubtful,
        options=options,
        assume_yes=assume_yes,
        no_cache=_given(options, manager.no_cache) or _has_variable(call),
        no_recommends=_given(options, manager.no_recommends) or _apt_option(call, options, _APT_RECOMMENDS, _FALSE),
        requirement_files=files,
        from_manifest=_is_from_manifest(manager, action, options, verb=name, packages=packages, files=files),
        frozen=_given(options, manager.frozen) or (name in manager.frozen_verbs and (building or not packages)),
        no_development=_given(options, manager.no_development),
        empties=_emptied(manager, name, options, assume_yes) if action is Action.CLEAN else (),
    )


def _is_from_manifest(
    manager: Manager,
    action: Action,
    options: Options,
    *,
    verb: str,
    packages: Sequence[Word],
    files: Sequence[Word],
) -> bool:
    if manager.ecosystem != "language" or action in _WITHOUT_PACKAGES:
        return False
    if files or options.has(*manager.projects):
        return True
    if any(word.prefix.startswith(_LOCAL) for word in packages):
        return True
    if manager.repeatable:
        return action is Action.BUILD
    return verb in manager.manifest_verbs and (not packages or action is Action.BUILD)


def _given(options: Options, entries: Iterable[str]) -> bool:
    """Whether one of the options is given and not switched off (`--production=false`), in upper or lower case."""
    for entry in entries:
        name, equals, value = entry.partition("=")
        for flag in options.flags:
            text = (flag.value.text or "").lower() if flag.value is not None else ""
            if flag.name == name and (text == value.lower() if equals else text not in _FALSE):
                return True
    return False


def _assumes_yes(call: _Call, before: Options, behind: Options) -> bool:
    """Whether no question is asked; some managers take such an option only before, or only behind, the verb."""
    manager = call.manager
    both = Options((*before.flags, *behind.flags), ())
    if both.has("--assume-no", "--assumeno", "--no-yes"):
        return False
    if manager.general_yes:
        return _given(before, manager.general_yes) or _given(behind, manager.yes)
    return _given(both, manager.yes) or _apt_option(call, both, _APT_ASSUME_YES, _TRUE) or _is_quiet(call, both)


def _is_quiet(call: _Call, options: Options) -> bool:
    """apt-get (not apt) answers yes at the second level of quietness: `-qq`, `-q -q`, `-q=2`, `-q 2`."""
    if call.tool != "apt-get":
        return False
    level = 0
    for flag in options.flags:
        if flag.name in call.manager.syntax.numeric:
            text = flag.value.text if flag.value is not None else None
            level = int(text) if text and text.isdecimal() and len(text) < 3 else level + 1
    return level >= 2


def _apt_option(call: _Call, options: Options, key: str, values: Set[str]) -> bool:
    """Whether apt's `-o KEY=VALUE` gives one of the values; the case of both is of no account."""
    if call.manager.key != "apt-get":
        return False
    for word in options.values("-o", "--option"):
        name, _, value = (word.text or "").lower().partition("=")
        if name == key and value.strip("\"'") in values:
            return True
    return False


def _has_variable(call: _Call) -> bool:
    """Whether a variable in front of the command keeps the cache unfilled."""
    for assignment in call.command.assignments:
        values = call.manager.no_cache_variables.get(assignment.name, frozenset())
        if assignment.value is not None and (assignment.value.text or "").lower() in values:
            return True
    return False


def _emptied(manager: Manager, verb: str, options: Options, assume_yes: bool) -> tuple[str, ...]:
    """The kinds of caches that a clean-up empties; entries that need an option go before the one that needs none."""
    if manager.key == "pacman" and assume_yes:
        return ()
    entries = [entry for entry in manager.cleanings if entry.verb == verb]
    wanted = [entry for entry in entries if entry.needs and _given(options, entry.needs)]
    chosen = wanted or [entry for entry in entries if not entry.needs]
    return tuple(dict.fromkeys(kind for entry in chosen for kind in entry.empties))
