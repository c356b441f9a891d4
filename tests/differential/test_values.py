"""The readers of single values against a running engine: each must refuse exactly what the builder refuses."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from dockerlint.syntax.durations import parse_interval
from dockerlint.syntax.flag_values import parse_retries
from dockerlint.syntax.image_references import parse_image_reference
from dockerlint.syntax.invalid import Invalid
from dockerlint.syntax.mounts import mount_target, parse_mount
from dockerlint.syntax.ports import parse_port
from dockerlint.syntax.signals import SIGNALS, parse_signal
from tests.differential.engine import check, require_engine

SAMPLE = 60
SEED = 20_261_124

MOUNT_FIELDS = (
    *("type=bind", "type=cache", "type=tmpfs", "type=secret", "type=ssh", "target=/x", "target=y", "dst=/", "source=a"),
    *("id=b", "from=scratch", "ro", "rw=false", "readonly=1", "required", "required=no", "size=1m", "size=x"),
    *("sharing=locked", "mode=0700", "mode=8", "uid=1", "gid=-1", "env=E", "nosuch=1", ""),
)
IMAGE_PARTS = (
    "a",
    "B",
    "x.y",
    "localhost",
    ":80",
    "/",
    "/",
    "-",
    "_",
    "__",
    ".",
    ":",
    "v1",
    "@",
    "sha256:" + "a" * 64,
    "[::1]",
)


def _mount(text: str) -> object:
    mount = parse_mount(text, lambda value: value)
    return mount if isinstance(mount, Invalid) else mount_target(mount, "/")


def _joined(chance: random.Random, parts: tuple[str, ...], most: int, separator: str = "") -> str:
    return separator.join(chance.choice(parts) for _ in range(chance.randint(1, most)))


KINDS: dict[str, tuple[Callable[[str], object], str, Callable[[random.Random], str]]] = {
    "port": (
        parse_port,
        "EXPOSE {}",
        lambda chance: _joined(
            chance, ("8", "80", "65535", "9", ":", "-", "/", "tcp", "UDP", "1.2.3.4", "::1", "+"), 5
        ),
    ),
    "signal": (
        parse_signal,
        "STOPSIGNAL {}",
        lambda chance: chance.choice(("", "SIG", "sig")) + chance.choice((*SIGNALS, "0", "9", "+9", "X", "RTMIN+16")),
    ),
    "interval": (
        parse_interval,
        "HEALTHCHECK --interval={} CMD x",
        lambda chance: _joined(chance, ("1", "0", "5", ".", "-", "+", "ns", "us", "ms", "s", "m", "h", "d", "999"), 5),
    ),
    "retries": (
        parse_retries,
        "HEALTHCHECK --retries={} CMD x",
        lambda chance: _joined(chance, ("1", "0", "-", "+", "2147483647", "x"), 3),
    ),
    "mount": (_mount, 'RUN --mount={} ["x"]', lambda chance: _joined(chance, MOUNT_FIELDS, 4, ",")),
}


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_values_that_the_builder_refuses(kind: str) -> None:
    require_engine()
    read, instruction, make = KINDS[kind]
    chance = random.Random(SEED)
    wrong = []
    for text in sorted({make(chance) for _ in range(SAMPLE)}):
        refused = check(f"FROM scratch\n{instruction.format(text)}\n".encode()).refused
        if isinstance(read(text), Invalid) is not (refused is not None):
            wrong.append(f"{text!r}: the builder {refused or 'takes it'}, dlint {read(text)!r}")
    assert wrong == []


@pytest.mark.engine
@pytest.mark.slow
def test_image_references_that_the_builder_refuses() -> None:
    require_engine()
    chance = random.Random(SEED)
    wrong = []
    for text in sorted({_joined(chance, IMAGE_PARTS, 6) for _ in range(SAMPLE)}):
        # No image can be found here: only how its name is read counts.
        refused = check(f"FROM {text}\n".encode()).refused or ""
        if isinstance(parse_image_reference(text), Invalid) is not ("failed to parse stage name" in refused):
            wrong.append(f"{text!r}: the builder {refused}")
    assert wrong == []
