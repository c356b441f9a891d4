"""Which shell reads a script: from a command line such as `bash -euxo pipefail -c` to dialect and options."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

POSIX_DIALECTS = frozenset(
    {"sh", "ash", "dash", "bash", "rbash", "ksh", "ksh93", "mksh", "pdksh", "zsh", "posh", "yash"}
)
"""Base names of shells that read POSIX shell syntax; what they add to it differs."""

EXEC = "exec"
"""Stands for the dialect of an exec form: words without a shell."""

POWERSHELLS = frozenset({"powershell", "pwsh"})
"""Base names of Windows PowerShell and of its successor."""

FOREIGN_DIALECTS = POWERSHELLS | {"cmd"}
"""Base names of shells with another syntax, of which programs and arguments are read."""

OTHER_DIALECTS = FOREIGN_DIALECTS | {"fish", "csh", "tcsh", "nu"}
"""Base names of shells with a syntax of their own."""

_LETTERS = {
    "a": "allexport",
    "b": "notify",
    "e": "errexit",
    "f": "noglob",
    "h": "hashall",
    "m": "monitor",
    "n": "noexec",
    "u": "nounset",
    "v": "verbose",
    "x": "xtrace",
    "B": "braceexpand",
    "C": "noclobber",
    "E": "errtrace",
    "H": "histexpand",
    "P": "physical",
    "T": "functrace",
}
SWITCHES = frozenset({*_LETTERS.values(), "emacs", "history", "ignoreeof", "nolog", "pipefail", "posix", "vi"})
"""The names that `set -o` knows."""

_LONG_WITH_VALUE = frozenset({"--rcfile", "--init-file"})
_POWERSHELL_VALUED = (
    "executionpolicy",
    "ep",
    "version",
    "psconsolefile",
    "windowstyle",
    "inputformat",
    "outputformat",
    "configurationname",
    "configurationfile",
    "custompipename",
    "settingsfile",
    "workingdirectory",
)
_ENV_WITH_VALUE = frozenset({"-u", "--unset", "-C", "--chdir"})


class Interpreter(NamedTuple):
    """A shell that is started. `dialect` is its base name, without `.exe` and in lower case.

    `options` are the names of `set -o` that its arguments switch on. `script` is the index of the word with the
    script of `-c` (which may lie behind the last word: SHELL ends with `-c`); None without `-c`. `operand` is the
    index of the first word that is no option, a script file unless `-c` is given; it is the number of words if
    there is none.
    """

    dialect: str
    options: frozenset[str]
    script: int | None
    operand: int

    @property
    def is_posix(self) -> bool:
        """Whether the dialect is a shell of the POSIX kind."""
        return self.dialect in POSIX_DIALECTS


def base_name(program: str) -> str:
    """The last part of a path, with either separator: `apt-get` of `/usr/bin/apt-get`."""
    return program.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


def dialect_of(program: str) -> str | None:
    """The dialect of a program if it is a shell, else None: `bash` for `/usr/bin/bash`, `cmd` for `cmd.exe`."""
    name = base_name(program).lower().removesuffix(".exe")
    return name if name in POSIX_DIALECTS or name in OTHER_DIALECTS else None


def read_interpreter(words: Sequence[str | None]) -> Interpreter | None:
    """The shell that a command line starts, or None if it is none.

    `words` are the program and its arguments; None stands for a word whose value is unknown. A shell behind `env` or
    `busybox` counts. Options follow POSIX `sh`; bash's long ones are skipped.
    """
    at = _behind_wrappers(words)
    program = words[at] if at < len(words) else None
    dialect = None if program is None else dialect_of(program)
    if dialect is None:
        return None
    at += 1
    if dialect not in POSIX_DIALECTS:
        return _foreign(dialect, words, at)
    options: set[str] = set()
    command = False
    while at < len(words):
        word = words[at]
        if word is None or len(word) < 2 or word[0] not in "-+":
            break
        at += 1
        if word == "--":
            break
        if word.startswith("--"):
            at += word in _LONG_WITH_VALUE
            continue
        command = command or (word[0] == "-" and "c" in word)
        at = _switch(options, word, words, at)
    return Interpreter(dialect, frozenset(options), at if command else None, at)


def set_options(words: Sequence[str | None]) -> tuple[frozenset[str], frozenset[str]]:
    """What the arguments of the built-in `set` switch on and off: `-euo pipefail` is errexit, nounset and
    pipefail.
    """
    on: set[str] = set()
    off: set[str] = set()
    at = 0
    while at < len(words):
        word = words[at]
        if word is None or len(word) < 2 or word[0] not in "-+" or word == "--":
            break
        changed: set[str] = set()
        at = _switch(changed, "-" + word[1:], words, at + 1)
        gained, lost = (on, off) if word[0] == "-" else (off, on)
        gained |= changed
        lost -= changed
    return frozenset(on), frozenset(off)


def shebang(line: str) -> tuple[str, ...] | None:
    """The words of a `#!` line, ready for `read_interpreter`; None for a line that is none.

    The system splits at blanks only: there is no quoting.
    """
    return tuple(line[2:].split()) if line.startswith("#!") else None


def _behind_wrappers(words: Sequence[str | None]) -> int:
    """The index of the first word behind `env`, its options and assignments, and `busybox`."""
    at = 0
    while at < len(words):
        word = words[at] or ""
        name = base_name(word)
        if name == "busybox":
            at += 1
            continue
        if name != "env":
            break
        at += 1
        while at < len(words) and (words[at] or "").startswith("-"):
            at += 2 if words[at] in _ENV_WITH_VALUE else 1
        while at < len(words) and (words[at] or "").partition("=")[0].isidentifier() and "=" in (words[at] or ""):
            at += 1
    return at


def _switch(options: set[str], word: str, words: Sequence[str | None], at: int) -> int:
    """Take a cluster of letters in; each `o` in it takes the next word. The index behind what was used."""
    for letter in word[1:]:
        if letter == "o":
            value = words[at] if at < len(words) else None
            at += 1
            names = {value} if value else set()
        else:
            names = {_LETTERS[letter]} if letter in _LETTERS else set()
        if word[0] == "-":
            options |= names
        else:
            options -= names
    return min(at, len(words))


def _foreign(dialect: str, words: Sequence[str | None], at: int) -> Interpreter:
    """A shell with a syntax of its own: only where its script starts is told.

    The names of PowerShell's parameters may be cut short: `-Command` is `-c`, too. What follows without one is a
    script for Windows PowerShell and the name of a file for its successor.
    """
    while at < len(words):
        word = (words[at] or "").lower()
        if not word or word[0] not in "-/":
            script = at if dialect == "powershell" and words[at] is not None else None
            return Interpreter(dialect, frozenset(), script, at)
        at += 1
        name = word[1:]
        if dialect == "cmd":
            # The script may be glued to the letter, as in `/csomething`; nobody writes it so.
            if name in {"c", "k", "r"}:
                return Interpreter(dialect, frozenset(), at, at)
        elif dialect in POWERSHELLS and "command".startswith(name[:7]) and name[:7]:
            return Interpreter(dialect, frozenset(), at, at)
        elif dialect in POWERSHELLS and name and any(option.startswith(name) for option in ("file", "encodedcommand")):
            return Interpreter(dialect, frozenset(), None, at)
        elif dialect in POWERSHELLS and any(option.startswith(name) for option in _POWERSHELL_VALUED):
            at += 1
        elif dialect not in POWERSHELLS and word == "-c":
            return Interpreter(dialect, frozenset(), at, at)
    return Interpreter(dialect, frozenset(), None, len(words))
