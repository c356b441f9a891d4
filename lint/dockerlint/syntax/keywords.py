"""The instructions and their flags, as data: what BuildKit's newest frontend knows."""

from __future__ import annotations

from enum import Enum


class Shape(Enum):
    """How the arguments of an instruction are split."""

    TEXT = "one string, blanks included"
    LIST = "words between blanks"
    EXEC_OR_LIST = "a JSON array, else words between blanks"
    EXEC_OR_TEXT = "a JSON array, else one string"
    PAIRS = "key=value words with quotes, or the old form key value"
    NAMES = "name or name=default words with quotes"
    CHECK = "a type word, then a JSON array or one string"
    NESTED = "an instruction"


SHAPES = {
    "ADD": Shape.EXEC_OR_LIST,
    "ARG": Shape.NAMES,
    "CMD": Shape.EXEC_OR_TEXT,
    "COPY": Shape.EXEC_OR_LIST,
    "ENTRYPOINT": Shape.EXEC_OR_TEXT,
    "ENV": Shape.PAIRS,
    "EXPOSE": Shape.LIST,
    "FROM": Shape.LIST,
    "HEALTHCHECK": Shape.CHECK,
    "LABEL": Shape.PAIRS,
    "MAINTAINER": Shape.TEXT,
    "ONBUILD": Shape.NESTED,
    "RUN": Shape.EXEC_OR_TEXT,
    "SHELL": Shape.EXEC_OR_TEXT,
    "STOPSIGNAL": Shape.TEXT,
    "USER": Shape.TEXT,
    "VOLUME": Shape.EXEC_OR_LIST,
    "WORKDIR": Shape.TEXT,
}

#: Instructions whose line may open heredocs.
WITH_HEREDOCS = frozenset({"ADD", "COPY", "RUN"})


class FlagKind(Enum):
    """What a flag's value must look like; the reader checks only what does not depend on variables."""

    TEXT = "text"
    TEXTS = "text, may be repeated"
    BOOLEAN = "true or false"
    DURATION = "a duration"
    COUNT = "a number"
    MOUNTS = "a mount, may be repeated"
    NETWORK = "a network mode"
    SECURITY = "a security mode"
    DEVICES = "a device, may be repeated"


REPEATABLE = frozenset({FlagKind.TEXTS, FlagKind.MOUNTS, FlagKind.DEVICES})

FLAGS: dict[str, dict[str, FlagKind]] = {
    "ADD": {
        "chmod": FlagKind.TEXT,
        "chown": FlagKind.TEXT,
        "checksum": FlagKind.TEXT,
        "exclude": FlagKind.TEXTS,
        "keep-git-dir": FlagKind.BOOLEAN,
        "link": FlagKind.BOOLEAN,
        "unpack": FlagKind.BOOLEAN,
    },
    "COPY": {
        "chmod": FlagKind.TEXT,
        "chown": FlagKind.TEXT,
        "exclude": FlagKind.TEXTS,
        "from": FlagKind.TEXT,
        "link": FlagKind.BOOLEAN,
        "parents": FlagKind.BOOLEAN,
    },
    "FROM": {"platform": FlagKind.TEXT},
    "HEALTHCHECK": {
        "interval": FlagKind.DURATION,
        "retries": FlagKind.COUNT,
        "start-interval": FlagKind.DURATION,
        "start-period": FlagKind.DURATION,
        "timeout": FlagKind.DURATION,
    },
    "RUN": {
        "device": FlagKind.DEVICES,
        "mount": FlagKind.MOUNTS,
        "network": FlagKind.NETWORK,
        "security": FlagKind.SECURITY,
    },
}

#: Instructions that never look at their flags: BuildKit drops them without a word.
IGNORES_FLAGS = frozenset({"ARG", "STOPSIGNAL"})
