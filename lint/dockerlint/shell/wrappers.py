"""Commands that start other commands: `sudo`, `env`, `xargs`, `find -exec` and their like.

Which options take a value was checked with `--help` of each tool for the better known ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dockerlint.shell.options import NO_VALUES, Syntax, read_options
from dockerlint.shell.script import Assignment, Word
from dockerlint.source import Span


class Wrapper(NamedTuple):
    """How a program finds the command that it starts.

    `verb` is a word that must come first (`run` of `poetry run`). Options follow by `syntax`, then `operands` words
    that are not the command (the DURATION of `timeout`), and if `assignments` is set `NAME=value` words. `queries`
    are options with which it starts nothing (`command -v`). `strings` are options whose value is a script, as in
    `su -c`. `open_ended` says that it adds arguments of its own. With `options_behind` more options follow the
    operands. The values of `whole` are the start of a command line, to which the operands belong (`env -S`).
    """

    syntax: Syntax = NO_VALUES
    verb: str | None = None
    operands: int = 0
    assignments: bool = False
    queries: frozenset[str] = frozenset()
    strings: frozenset[str] = frozenset()
    open_ended: bool = False
    options_behind: bool = False
    whole: frozenset[str] = frozenset()


class Wrapped(NamedTuple):
    """What a wrapper starts: a command's words, or with `is_script` one word that is a script."""

    words: tuple[Word, ...]
    assignments: tuple[Assignment, ...] = ()
    open_ended: bool = False
    is_script: bool = False


def _valued(options: str) -> Syntax:
    return Syntax(valued=frozenset(options.split()))


_SUDO = Wrapper(
    _valued(
        "-u --user -g --group -h --host -p --prompt -C --close-from -D --chdir -R --chroot -r --role -t --type"
        " -T --command-timeout -U --other-user"
    ),
    assignments=True,
    queries=frozenset({"-l", "--list", "-v", "--validate", "-e", "--edit", "-K", "-V", "--version"}),
)
_NOTHING_OF_ITS_OWN = Wrapper()
_SET_ARCHITECTURE = Wrapper()
_CONDA_RUN = Wrapper(_valued("-n --name -p --prefix --cwd"), verb="run")
_USER_FIRST = Wrapper(operands=1)
_SU = Wrapper(
    _valued("-c --command --session-command -g --group -G --supp-group -s --shell -w --whitelist-environment"),
    strings=frozenset({"-c", "--command", "--session-command"}),
)

_WRAPPERS: dict[str, Wrapper] = {
    "sudo": _SUDO,
    "doas": Wrapper(_valued("-u -C"), queries=frozenset({"-L"})),
    "env": Wrapper(
        _valued("-u --unset -C --chdir -S --split-string"),
        assignments=True,
        whole=frozenset({"-S", "--split-string"}),
    ),
    "exec": Wrapper(_valued("-a")),
    "command": Wrapper(queries=frozenset({"-v", "-V"})),
    "builtin": _NOTHING_OF_ITS_OWN,
    "coproc": _NOTHING_OF_ITS_OWN,
    "noglob": _NOTHING_OF_ITS_OWN,
    "nohup": _NOTHING_OF_ITS_OWN,
    "nice": Wrapper(_valued("-n --adjustment")),
    "ionice": Wrapper(
        _valued("-c --class -n --classdata"), queries=frozenset({"-p", "--pid", "-P", "--pgid", "-u", "--uid"})
    ),
    "chrt": Wrapper(_valued("-T -P -D"), operands=1, queries=frozenset({"-p", "--pid", "-m", "--max"})),
    "taskset": Wrapper(operands=1, queries=frozenset({"-p", "--pid"})),
    "time": Wrapper(_valued("-f --format -o --output")),
    "timeout": Wrapper(_valued("-k --kill-after -s --signal"), operands=1),
    "stdbuf": Wrapper(_valued("-i --input -o --output -e --error")),
    "setarch": Wrapper(operands=1, options_behind=True),
    "linux32": _SET_ARCHITECTURE,
    "linux64": _SET_ARCHITECTURE,
    "i386": _SET_ARCHITECTURE,
    "chroot": Wrapper(operands=1),
    "unshare": Wrapper(
        _valued(
            "-R --root -w --wd -S --setuid -G --setgid -l --load-interp --map-user --map-group --map-users"
            " --map-groups --propagation --setgroups --monotonic --boottime"
        )
    ),
    "setpriv": Wrapper(
        _valued(
            "--reuid --regid --groups --ruid --rgid --euid --egid --inh-caps --ambient-caps --bounding-set"
            " --securebits --pdeathsig --selinux-label --apparmor-profile"
        )
    ),
    "setsid": _NOTHING_OF_ITS_OWN,
    "flock": Wrapper(
        _valued("-w --timeout --wait -E --conflict-exit-code"), operands=1, strings=frozenset({"-c", "--command"})
    ),
    "eatmydata": _NOTHING_OF_ITS_OWN,
    "catchsegv": _NOTHING_OF_ITS_OWN,
    "fakeroot": Wrapper(_valued("-l --lib --faked -s -i -b")),
    "faketime": Wrapper(_valued("-p --pid"), operands=1),
    "xvfb-run": Wrapper(
        _valued("-e --error-file -f --auth-file -n --server-num -p --xauth-protocol -s --server-args -w --wait")
    ),
    "dbus-run-session": Wrapper(_valued("--config-file --dbus-daemon")),
    "tini": Wrapper(_valued("-p -e")),
    "dumb-init": Wrapper(_valued("-r --rewrite")),
    "catatonit": _NOTHING_OF_ITS_OWN,
    "unbuffer": _NOTHING_OF_ITS_OWN,
    "ssh-agent": Wrapper(_valued("-a -E -O -P -t"), queries=frozenset({"-k", "-s", "-c", "-D", "-d"})),
    "gosu": _USER_FIRST,
    "su-exec": _USER_FIRST,
    "setuser": _USER_FIRST,
    "s6-setuidgid": _USER_FIRST,
    "setuidgid": _USER_FIRST,
    "chpst": Wrapper(_valued("-u -U -b -e -/ -C -n -l -L -m -d -o -p -f -c -t")),
    "su": _SU,
    "runuser": Wrapper(
        Syntax(valued=_SU.syntax.valued | {"-u", "--user"}),
        strings=_SU.strings,
    ),
    "busybox": _NOTHING_OF_ITS_OWN,
    "toybox": _NOTHING_OF_ITS_OWN,
    "script": Wrapper(
        _valued("-c --command -E --echo -I --log-in -O --log-out -B --log-io -m --logging-format -T --log-timing -o"),
        strings=frozenset({"-c", "--command"}),
    ),
    "xargs": Wrapper(
        _valued(
            "-a --arg-file -d --delimiter -I -L -n --max-args -P --max-procs -s --max-chars -E --max-lines"
            " --process-slot-var"
        ),
        open_ended=True,
    ),
    "parallel": Wrapper(_valued("-a --arg-file -j --jobs -I -N -n --max-args --colsep -C --joblog"), open_ended=True),
    "bundle": Wrapper(verb="exec"),
    "rbenv": Wrapper(verb="exec"),
    "pyenv": Wrapper(verb="exec"),
    "opam": Wrapper(_valued("--switch --root"), verb="exec"),
    "rustup": Wrapper(verb="run", operands=1),
    "poetry": Wrapper(_valued("-C --directory -P --project"), verb="run"),
    "pipenv": Wrapper(verb="run"),
    "pdm": Wrapper(_valued("-p --project"), verb="run"),
    "hatch": Wrapper(verb="run"),
    "uv": Wrapper(
        _valued(
            "--extra --group --only-group --no-group --env-file -w --with --with-editable --with-requirements -p"
            " --python --index --default-index -i --index-url --extra-index-url -f --find-links --link-mode"
            " --cache-dir --package --directory --project --config-file"
        ),
        verb="run",
    ),
    "conda": _CONDA_RUN,
    "mamba": _CONDA_RUN,
    "micromamba": _CONDA_RUN,
}
_COREPACK = frozenset({"npm", "npx", "pnpm", "pnpx", "yarn", "yarnpkg"})
_FIND_ACTIONS = frozenset({"-exec", "-execdir", "-ok", "-okdir"})
#: Wrappers without an entry in the table.
_READ_APART = frozenset({"corepack", "find", "scl"})
_SU_LIKE = frozenset({"su", "runuser"})


def is_wrapper(name: str) -> bool:
    """Whether the program may start what its arguments name."""
    return name in _WRAPPERS or name in _READ_APART


def is_runner(name: str) -> bool:
    """Whether the program is a wrapper by one of its sub-commands, which is the same in all shells: `poetry run`."""
    wrapper = _WRAPPERS.get(name)
    return name == "corepack" or (wrapper is not None and wrapper.verb is not None)


def unwrap(name: str, arguments: Sequence[Word]) -> tuple[Wrapped, ...]:
    """What a command of that name and with those arguments starts; nothing if it is no wrapper."""
    if name == "find":
        return tuple(_of_find(arguments))
    if name == "corepack":
        known = bool(arguments) and arguments[0].text in _COREPACK
        return (Wrapped(tuple(arguments)),) if known else ()
    if name == "scl":
        return tuple(_of_scl(arguments))
    wrapper = _WRAPPERS.get(name)
    if wrapper is None:
        return ()
    if name in _SU_LIKE:
        return _of_su(wrapper, arguments)
    return _of(wrapper, arguments)


def _of(wrapper: Wrapper, arguments: Sequence[Word]) -> tuple[Wrapped, ...]:
    if wrapper.verb is not None:
        before = read_options(arguments, wrapper.syntax, until_operand=True).operands
        if not before or before[0].text != wrapper.verb:
            return ()
        arguments = before[1:]
    options = read_options(arguments, wrapper.syntax, until_operand=True)
    if options.has(*wrapper.queries):
        return ()
    scripts = tuple(Wrapped((value,), is_script=True) for value in options.values(*wrapper.strings))
    if scripts:
        return scripts
    whole = next(options.values(*wrapper.whole), None)
    if whole is not None:
        return (Wrapped((whole, *options.operands), is_script=True),)
    words = options.operands[wrapper.operands :]
    if wrapper.options_behind:
        words = read_options(words, wrapper.syntax, until_operand=True).operands
    if wrapper.operands and wrapper.strings and words and words[0].text in wrapper.strings:
        # `flock FILE -c SCRIPT`: the option stands behind the operand.
        return (Wrapped(words[1:2], is_script=True),) if len(words) > 1 else ()
    assignments: list[Assignment] = []
    if wrapper.assignments:
        while words and (assignment := _assignment(words[0])) is not None:
            assignments.append(assignment)
            words = words[1:]
    if words and words[0].text == "--":
        words = words[1:]
    return (Wrapped(words, tuple(assignments), wrapper.open_ended),) if words else ()


def _of_su(wrapper: Wrapper, arguments: Sequence[Word]) -> tuple[Wrapped, ...]:
    """`su USER -c SCRIPT` takes options anywhere; `runuser -u USER COMMAND` has none behind the command."""
    first = read_options(arguments, wrapper.syntax, until_operand=True)
    if first.has("-u", "--user"):
        return (Wrapped(first.operands),) if first.operands else ()
    options = read_options(arguments, wrapper.syntax)
    return tuple(Wrapped((value,), is_script=True) for value in options.values(*wrapper.strings))


def _of_find(arguments: Sequence[Word]) -> Iterator[Wrapped]:
    """`find … -exec COMMAND {} ;` or `+`, which puts many names in the place of `{}`."""
    start: int | None = None
    for index, word in enumerate(arguments):
        if start is None:
            start = index + 1 if word.text in _FIND_ACTIONS else None
        elif word.text in {";", "+"}:
            if index > start:
                yield Wrapped(tuple(arguments[start:index]), open_ended=True)
            start = None
    if start is not None and start < len(arguments):
        yield Wrapped(tuple(arguments[start:]), open_ended=True)


def _of_scl(arguments: Sequence[Word]) -> Iterator[Wrapped]:
    """`scl enable COLLECTION … SCRIPT` or `scl enable COLLECTION … -- COMMAND`."""
    if len(arguments) < 3 or arguments[0].text not in {"enable", "run"}:
        return
    texts = [word.text for word in arguments]
    if "--" not in texts:
        yield Wrapped(tuple(arguments[-1:]), is_script=True)
    elif texts[-1] != "--":
        yield Wrapped(tuple(arguments[texts.index("--") + 1 :]))


def _assignment(word: Word) -> Assignment | None:
    """`NAME=value` as a word of its own."""
    name, equals, _ = word.prefix.partition("=")
    if not equals or not name.isidentifier():
        return None
    return Assignment(name, word.after(len(name) + 1), Span(word.span.start, word.span.end))
