"""What has been wished for from a package manager so far, and which packages a system has for it.

Managers that take away what nobody needs any more, as apk and dnf do, leave the packages of the wishes that remain.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from typing import NamedTuple

from dockerlint.layers.sizes.capabilities import Pool, Resolved, Unit, resolve


class Wish(NamedTuple):
    """What one command wishes for: names of packages, under a `label` of their own where they have one.

    `weak`: with what they recommend; `avoided` are names that must not come with them.
    """

    names: tuple[str, ...]
    label: str = ""
    weak: bool = False
    avoided: frozenset[str] = frozenset()


def without(wishes: Iterable[Wish], names: Set[str]) -> tuple[Wish, ...] | None:
    """The wishes that remain when some names or labels are taken back; None where one has not been wished for."""
    before = tuple(wishes)
    known = {name for wish in before for name in ((wish.label,) if wish.label else wish.names)}
    if not names <= known:
        return None
    kept = (wish for wish in before if wish.label not in names)
    return tuple(
        wish if wish.label else wish._replace(names=tuple(name for name in wish.names if name not in names))
        for wish in kept
    )


def fulfilled(pool: Pool, base: Sequence[Unit], wishes: Iterable[Wish]) -> Resolved:
    """The packages that come for all wishes, one after the other, besides those of the base image."""
    present = tuple(base)
    missing: tuple[str, ...] = ()
    for wish in wishes:
        found = resolve(pool, wish.names, weak=wish.weak, present=present, avoided=wish.avoided)
        present += found.units
        missing += found.missing
    return Resolved(present[len(base) :], missing)
