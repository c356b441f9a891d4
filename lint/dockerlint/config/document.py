"""What a settings file says, before anything is known about its meaning, with the place of every value."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias


class Place(NamedTuple):
    """Where a setting was written.

    `name` is a file as it is shown, with line and column from 1; or an option or variable (`--select`,
    `$DLINT_SELECT`), which has neither (0).
    """

    name: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.name}:{self.line}:{self.column}" if self.line else self.name


class ConfigProblem(NamedTuple):
    """Something wrong with the settings, in one sentence."""

    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class ConfigError(Exception):
    """The settings cannot be used; `problems` are all that were found, in the order in which they were
    met.
    """

    def __init__(self, *problems: ConfigProblem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class Scalar(NamedTuple):
    """A single value.

    `text` is what was written, without quotes. It is None where the reader of the format does not keep it
    (numbers and dates of TOML): a text cannot be made of such a value, since `1.10` has already become `1.1`.
    """

    value: str | int | float | bool | None
    text: str | None
    place: Place


class Items(NamedTuple):
    """A list."""

    items: tuple[Node, ...]
    place: Place


class Entry(NamedTuple):
    """One key of a table with its value."""

    key: str
    place: Place
    value: Node


class Table(NamedTuple):
    """A mapping in the order in which it was written; no key occurs twice."""

    entries: tuple[Entry, ...]
    place: Place

    def get(self, key: str) -> Node | None:
        """The value of a key, or None."""
        return next((entry.value for entry in self.entries if entry.key == key), None)


Node: TypeAlias = Scalar | Items | Table


def read_text(path: str, shown: str, limit: int) -> str:
    """The text of a settings file in UTF-8, at most `limit` bytes long; raises `ConfigError`."""
    try:
        with open(path, "rb") as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise ConfigError(ConfigProblem(Place(shown), f"larger than {limit} bytes: this is no settings file"))
        return data.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(ConfigProblem(Place(shown), f"cannot be read: {error.strerror or error}")) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        column = error.start - (error.object.rfind(b"\n", 0, error.start) + 1) + 1
        place = Place(shown, line, column)
        raise ConfigError(ConfigProblem(place, "not valid UTF-8")) from error
