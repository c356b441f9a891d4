"""The state of a build before and after an instruction: variables, directory, user and shell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, replace

from dockerlint.records import record
from dockerlint.semantics.versions import Versioned
from dockerlint.syntax.paths import clean_path
from dockerlint.syntax.tree import Instruction
from dockerlint.unknown import Unknown

Value = str | Unknown

UNIX_SHELL = ("/bin/sh", "-c")
WINDOWS_SHELL = ("cmd", "/S", "/C")

#: What the builder sets PATH to where the base image has none; not on Windows.
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Environment(Mapping[str, Value]):
    """The variables in force. `others` is what any other name may hold: None (nothing) or an unknown value."""

    __slots__ = ("_values", "others")

    def __init__(self, values: Mapping[str, Value], others: Unknown | None = None) -> None:
        self._values = values if isinstance(values, Versioned) else Versioned(values)
        self.others = others

    def __getitem__(self, name: str) -> Value:
        value = self._values.get(name, self.others)
        if value is None:
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        """Whether the name is surely set; an unknown other name is not."""
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def with_values(self, values: Mapping[str, Value]) -> Environment:
        """The environment after setting these names."""
        return Environment(self._values.with_values(values), self.others)


@record(frozen=True, slots=True)
class State:
    """What an instruction starts from.

    `environment` holds the values of ENV and ARG as BuildKit expands variables with; `env` only those that
    stay in the image; `args` every ARG that was declared, with None for one without a value. `user` is ""
    where nothing sets it. The `…_from` fields are the instructions of this file that set the value last, None
    where the base image or nobody did.
    """

    environment: Environment
    env: Versioned[Value] = field(default_factory=lambda: Versioned({}))
    args: Versioned[Value | None] = field(default_factory=lambda: Versioned({}))
    workdir: Value = "/"
    workdir_from: Instruction | None = None
    user: Value = ""
    user_from: Instruction | None = None
    shell: tuple[str, ...] = UNIX_SHELL
    shell_from: Instruction | None = None

    def declares(self, name: str) -> bool:
        """Whether an ARG, an ENV or the base image surely brought the name up, with a value or without."""
        return name in self.environment or name in self.args

    def set_env(self, values: Mapping[str, Value]) -> State:
        """The state after an ENV."""
        return replace(self, environment=self.environment.with_values(values), env=self.env.with_values(values))

    def set_args(self, values: Mapping[str, Value | None]) -> State:
        """The state after an ARG: a name without a value is declared, but changes no variable."""
        given = {name: value for name, value in values.items() if value is not None}
        environment = self.environment.with_values(given) if given else self.environment
        return replace(self, environment=environment, args=self.args.with_values(values))

    def set_workdir(self, path: Value, node: Instruction, *, windows: bool) -> State:
        """The state after a WORKDIR: a relative path goes on from the directory in force."""
        return replace(self, workdir=join_path(self.workdir, path, windows=windows), workdir_from=node)

    def set_user(self, user: Value, node: Instruction) -> State:
        """The state after a USER."""
        return replace(self, user=user, user_from=node)

    def set_shell(self, words: tuple[str, ...], node: Instruction) -> State:
        """The state after a SHELL."""
        return replace(self, shell=words, shell_from=node)


def is_absolute(path: str, *, windows: bool) -> bool:
    """Whether a path does not depend on the working directory."""
    if path.startswith("/"):
        return True
    return windows and (path.startswith("\\") or (path[1:2] == ":" and path[2:3] in ("/", "\\")))


def join_path(directory: Value, path: Value, *, windows: bool) -> Value:
    """The path seen from the directory; unknown as soon as a part that matters is unknown."""
    if isinstance(path, Unknown) or is_absolute(path, windows=windows):
        return path
    if isinstance(directory, Unknown):
        return directory
    return clean_path(f"{directory}/{path}")
