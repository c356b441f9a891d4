"""The values of `RUN --mount`: a line of comma-separated options that makes one mount.

BuildKit looks at a mount twice. While it reads the instruction it splits the fields and refuses variables in `from`;
that is what `split_mount` does. While it converts the file, in the stages that the target needs, it expands each
value on its own (a comma that comes out of a variable does not split) and checks everything: that is `parse_mount`
with an `expand`, and then `mount_target`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple, TypeVar

from dockerlint.syntax.booleans import parse_bool
from dockerlint.syntax.csv_fields import split_fields
from dockerlint.syntax.integers import parse_unsigned
from dockerlint.syntax.invalid import Invalid, quoted
from dockerlint.syntax.nearest import did_you_mean
from dockerlint.syntax.paths import clean_path
from dockerlint.syntax.sizes import parse_size

T = TypeVar("T")
Expand = Callable[[str], "str | None"]
"""Gives the value of a text after expansion, or None where that cannot be known."""

_VARIABLE = re.compile(r"\$[^\n]")
_UNSETTLED = re.compile(r"[$'\"\\`]")
_DEFAULT_FOLDER = "/run/secrets/"


class MountType(Enum):
    """What is mounted."""

    BIND = "bind"
    CACHE = "cache"
    TMPFS = "tmpfs"
    SECRET = "secret"  # noqa: S105  # the word names a type of mount
    SSH = "ssh"


class Sharing(Enum):
    """What happens when two builds want the same cache at a time."""

    SHARED = "shared"
    PRIVATE = "private"
    LOCKED = "locked"


_ALIASES = {
    "src": "source",
    "dst": "target",
    "destination": "target",
    "ro": "readonly",
    "rw": "readonly",
    "readwrite": "readonly",
}
_WRITABLE_KEYS = ("rw", "readwrite")
_OPTIONS = (
    "type", "from", "source", "target", "readonly", "id", "sharing", "required", "size", "mode", "uid", "gid", "env",
)  # fmt: skip
_LONE_OPTIONS = ("readonly", "required")
_KEYS = (*_OPTIONS, *_ALIASES)
_TYPES_OF = {"size": ("tmpfs",), "required": ("secret", "ssh")}


class MountField(NamedTuple):
    """One option: `key` in lower case, `value` as written, or None for a key alone.

    Offsets are into the text of the flag's value: the option lies at `start` to `end`, its value at `value_start` to
    `value_end`.
    """

    key: str
    value: str | None
    start: int
    end: int
    value_start: int
    value_end: int

    @property
    def option(self) -> str:
        """The main name of the key: `source` for `src`, `target` for `dst` and `destination`, `readonly` for `rw` …"""
        return _ALIASES.get(self.key, self.key)


class Mount(NamedTuple):
    """One mount, as far as it is known.

    Texts are blank and numbers None where an option is not given; `from_` is the option `from`. `unknown` names the
    options (by their main names) whose value could not be known: a text is then as written and anything else None,
    and all checks that depend on it are left out. `read_only` is None too if it follows from a type that is unknown.
    """

    fields: tuple[MountField, ...]
    type: MountType | None
    source: str
    from_: str
    target: str
    read_only: bool | None
    id: str
    sharing: Sharing | None
    size: int | None
    required: bool | None
    mode: int | None
    uid: int | None
    gid: int | None
    env: str | None
    unknown: frozenset[str]

    def field(self, option: str) -> MountField | None:
        """The field that decides an option, by its main name: the last one, as in BuildKit."""
        return next((field for field in reversed(self.fields) if field.option == option), None)

    @property
    def identity(self) -> str:
        """The id that the builder uses for a cache, a secret or an ssh agent; blank for the other types.

        Unless `id` is given, a cache is known by its cleaned target, a secret by its source or by the last part of
        its target, and the agent as `default`.
        """
        if self.type is MountType.CACHE:
            return self.id or clean_path(self.target)
        if self.type is MountType.SECRET:
            return self.source or self.id or posixpath.basename(self.target.rstrip("/"))
        return self.id or "default" if self.type is MountType.SSH else ""


def split_mount(text: str) -> tuple[MountField, ...] | Invalid:
    """The fields of a mount, with all that BuildKit checks while it reads the instruction."""
    fields = split_fields(text)
    if isinstance(fields, Invalid):
        return fields
    found: list[MountField] = []
    for content, start, end in fields:
        key, equals, value = content.partition("=")
        # Counted from the end, because doubled quotes make a key longer where it is written.
        value_start = end - len(value)
        if key.lower() == "from" and _VARIABLE.search(value):
            reason = f"'from' takes no variables: name a stage 'FROM {value[:40]} AS …' and use that name"
            return Invalid(reason, value_start, end)
        found.append(MountField(key.lower(), value if equals else None, start, end, max(start, value_start), end))
    return tuple(found)


def parse_mount(text: str, expand: Expand | None = None) -> Mount | Invalid:
    """The mount that a flag's value describes, or the first thing that BuildKit refuses.

    `expand` is applied to each value. Without it values are taken as written, and those that expansion could change
    (with a variable, a quote or an escape character) count as unknown.
    """
    fields = split_mount(text)
    if isinstance(fields, Invalid):
        return fields
    settled: dict[str, str | None] = {}
    for field in fields:
        value = _settled_value(field, settled.get("type", "bind"), expand)
        if isinstance(value, Invalid):
            return value
        settled[field.option] = value
    mount = _mount(fields, settled)
    return _conflict(mount) or mount


def mount_target(mount: Mount, workdir: str) -> str | Invalid | None:
    """Where the mount appears, as an absolute path; None for what has no place in the file system, or an unknown one.

    A relative target, also a missing one, is taken from `workdir`, the working directory in force. The root itself is
    refused (while converting); an absolute target is kept as written. Secrets appear below `/run/secrets/`, or
    nowhere if `env` is given without a target; an ssh agent appears only where a target says so.
    """
    if mount.type is None or "target" in mount.unknown:
        return None
    if mount.type is MountType.SSH or (mount.target and mount.type is MountType.SECRET):
        return mount.target or None
    if mount.type is MountType.SECRET:
        hidden = mount.env is not None or mount.unknown & {"id", "source", "env"}
        return None if hidden else _DEFAULT_FOLDER + posixpath.basename(mount.identity.rstrip("/"))
    target = mount.target
    if not target.startswith("/"):
        target = clean_path(f"/{workdir}/{target}")
    if target != "/":
        return target
    field = mount.field("target")
    if field is None:
        return Invalid(f"the {mount.type.value} mount has no target: add 'target=PATH'", 0, mount.fields[-1].end)
    reason = f"the target {quoted(mount.target)} is the root, which nothing can be mounted over"
    return Invalid(reason, field.start, field.end)


def _settled_value(field: MountField, type_: str | None, expand: Expand | None) -> str | Invalid | None:
    """The value of a field after expansion, checked; None if it is unknown. `type_` is the type as given before the
    field.

    That BuildKit goes by the fields before makes `size=1m,type=tmpfs` invalid. `readwrite` is turned into `readonly`.
    """
    option = field.option
    problem = _misplaced(field, type_)
    if problem is not None:
        return problem
    value: str | None
    if field.value is None:
        value = "true"
    elif expand is not None:
        value = expand(field.value)
    else:
        value = None if _UNSETTLED.search(field.value) else field.value
    if value is None:
        return None
    read = _READERS.get(option, str)(value)
    if isinstance(read, Invalid):
        return Invalid(f"{read.reason} ({quoted(field.key)})", field.value_start, field.end)
    if option == "type":
        return value.lower()
    return value if field.key not in _WRITABLE_KEYS else str(not read).lower()


def _misplaced(field: MountField, type_: str | None) -> Invalid | None:
    """What is wrong with the key of a field, whatever its value."""
    key, option = field.key, field.option
    if not key and field.value is None:
        return Invalid("a field is blank: remove the extra comma, or the blank after it", field.start, field.end)
    if option not in _OPTIONS:
        reason = f"{quoted(key)} is not an option of a mount{did_you_mean(key, _KEYS)}"
        return Invalid(reason, field.start, field.end)
    if field.value is None and option not in _LONE_OPTIONS:
        return Invalid(f"{quoted(key)} needs a value: write '{key}=…'", field.start, field.end)
    types = _TYPES_OF.get(option)
    if types is not None and type_ is not None and type_ not in types:
        only = " and ".join(f"'type={name}'" for name in types)
        return Invalid(f"{quoted(key)} is only for {only}, which must be given before it", field.start, field.end)
    return None


def _conflict(mount: Mount) -> Invalid | None:
    """What is wrong with the options taken together; what depends on an unknown type is left out."""
    if mount.type is None:
        return None
    name = mount.type.value
    if mount.type in (MountType.BIND, MountType.TMPFS):
        for option in ("mode", "uid", "gid"):
            if mount.field(option) is not None:
                return _at(mount, option, f"'{option}' is not for a {name} mount")
    if mount.type is MountType.SECRET:
        problem = _secret_conflict(mount)
        if problem is not None:
            return problem
    if mount.type is MountType.SSH and mount.source and "source" not in mount.unknown:
        return _at(mount, "source", "an ssh mount has no source")
    if mount.type is not MountType.CACHE and mount.field("sharing") is not None:
        return _at(mount, "sharing", f"'sharing' is only for 'type=cache', not for a {name} mount")
    return None


def _secret_conflict(mount: Mount) -> Invalid | None:
    if mount.from_ and "from" not in mount.unknown:
        return _at(mount, "from", "a secret does not come from a stage: 'from' is not for it")
    if mount.field("sharing") is not None:
        return _at(mount, "sharing", "'sharing' is only for 'type=cache', not for a secret mount")
    if mount.unknown & {"source", "target", "id"}:
        return None
    if not (mount.source or mount.target or mount.id):
        return Invalid("the secret has no name: add 'id=NAME'", 0, mount.fields[-1].end)
    if mount.source and mount.id:
        return _at(mount, "source", "'source' and 'id' of a secret mean the same: give one of them")
    return None


def _at(mount: Mount, option: str, reason: str) -> Invalid:
    """A problem at the field that decides the option."""
    field = mount.field(option)
    start, end = (field.start, field.end) if field is not None else (0, mount.fields[-1].end)
    return Invalid(reason, start, end)


def _mount(fields: tuple[MountField, ...], settled: dict[str, str | None]) -> Mount:
    """Put the checked values together; for a text that is unknown the written one counts."""
    written = {field.option: field.value or "" for field in fields}
    texts = {option: written[option] if value is None else value for option, value in settled.items()}
    type_ = _known(settled, "type", _parse_type) if "type" in settled else MountType.BIND
    read_only = _known(settled, "readonly", parse_bool)
    if "readonly" not in settled and type_ is not None:
        read_only = type_ not in (MountType.CACHE, MountType.TMPFS)
    return Mount(
        fields,
        type=type_,
        source=texts.get("source", ""),
        from_=texts.get("from", ""),
        target=texts.get("target", ""),
        read_only=read_only,
        id=texts.get("id", ""),
        sharing=_known(settled, "sharing", _parse_sharing),
        size=_known(settled, "size", parse_size),
        required=_known(settled, "required", parse_bool) if "required" in settled else False,
        mode=_known(settled, "mode", _parse_mode),
        uid=_known(settled, "uid", _parse_owner),
        gid=_known(settled, "gid", _parse_owner),
        env=texts.get("env"),
        unknown=frozenset(option for option, value in settled.items() if value is None),
    )


def _known(settled: dict[str, str | None], option: str, read: Callable[[str], T | Invalid]) -> T | None:
    """The value of an option, which was checked before, or None if it is not given or unknown."""
    text = settled.get(option)
    value = read(text) if text is not None else None
    return None if isinstance(value, Invalid) else value


def _parse_type(text: str) -> MountType | Invalid:
    names = tuple(kind.value for kind in MountType)
    if text.lower() in names:
        return MountType(text.lower())
    hint = did_you_mean(text.lower(), names) or f": use {', '.join(names[:-1])} or {names[-1]}"
    return Invalid(f"{quoted(text)} is not a type of mount{hint}", 0, len(text))


def _parse_sharing(text: str) -> Sharing | Invalid:
    names = tuple(mode.value for mode in Sharing)
    if text.lower() in names:
        return Sharing(text.lower())
    return Invalid(f"{quoted(text)} is not a way to share a cache: use {', '.join(names)}", 0, len(text))


def _parse_mode(text: str) -> int | Invalid:
    mode = parse_unsigned(text, 8, 32)
    return Invalid(f"{quoted(text)} is not an octal mode", 0, len(text)) if mode is None else mode


def _parse_owner(text: str) -> int | Invalid:
    number = parse_unsigned(text, 10, 32)
    reason = f"{quoted(text)} is not a numeric user or group id"
    return Invalid(reason, 0, len(text)) if number is None else number


_READERS: dict[str, Callable[[str], object]] = {
    "type": _parse_type,
    "sharing": _parse_sharing,
    "size": parse_size,
    "readonly": parse_bool,
    "required": parse_bool,
    "mode": _parse_mode,
    "uid": _parse_owner,
    "gid": _parse_owner,
}
