"""Finds the rules that are installed and answers which of them a word means.

Rules come in packs: a pack is a package (or module) that an entry point in the group `dockerlint.rules`
names. Every module of a pack is imported, and each of its attributes that is a `Rule` takes part. The
built-in rules are a pack like any other.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType

from dockerlint.registry.entry_points import EntryPoint, entry_points
from dockerlint.rule import Rule
from dockerlint.shellcheck.codes import codes_of, is_code
from dockerlint.syntax.nearest import nearest

GROUP = "dockerlint.rules"

#: Selects every rule.
ALL = "all"


class RegistryError(Exception):
    """The installed packs do not make a set of rules; the message says which pack is at fault and why."""


@dataclass(frozen=True, eq=False, repr=False)
class Registry:
    """The rules that are known, by code.

    Rules are named by their code, their name, or an alias (the name of the same check in another tool); case
    does not matter. One alias may mean several rules.
    """

    rules: tuple[Rule, ...]
    _by_word: dict[str, tuple[Rule, ...]] = field(init=False)

    def __post_init__(self) -> None:
        by_word: dict[str, tuple[Rule, ...]] = {}
        for rule in self.rules:
            for word in dict.fromkeys(map(normalised, (rule.code, rule.name, *rule.aliases))):
                by_word[word] = (*by_word.get(word, ()), rule)
        object.__setattr__(self, "_by_word", by_word)

    def named(self, word: str) -> tuple[Rule, ...]:
        """The rules of that code, name or alias, by code; empty if there are none."""
        return self._by_word.get(normalised(word), ())

    def selected(self, selector: str) -> tuple[Rule, ...]:
        """The rules that a selector means, by code; empty if there are none.

        A selector is a code, a name, an alias, the start of any of these with `*` behind it, or `all`.
        """
        if selector.lower() == ALL:
            return self.rules
        if not selector.endswith("*"):
            return self.named(selector)
        start = selector[:-1].casefold()
        return tuple(
            rule
            for rule in self.rules
            if any(word.casefold().startswith(start) for word in (rule.code, rule.name, *rule.aliases))
        )

    def codes(self, selector: str) -> frozenset[str]:
        """The codes that a selector means, those of ShellCheck included, for which no rule stands; see `covers`."""
        return frozenset(rule.code for rule in self.selected(selector)) | codes_of(selector)

    def codes_named(self, word: str) -> frozenset[str]:
        """The codes that a word means by itself: a code, a name or an alias."""
        return frozenset(rule.code for rule in self.named(word)) | ({word.upper()} if is_code(word) else frozenset())

    def suggestion(self, word: str) -> str | None:
        """The code, name or alias that was probably meant by a word that means no rule."""
        written: dict[str, str] = {}
        for rule in self.rules:
            for known in (rule.code, rule.name, *rule.aliases):
                written.setdefault(normalised(known), known)
        # One wrong digit makes another code, and two wrong letters another short word.
        limit = 1 if len(word) < 6 or any(char.isdigit() for char in word) else 2
        found = nearest(normalised(word), written, limit)
        return None if found is None else written[found]


#: For what needs no rules.
NO_RULES = Registry(())


def normalised(word: str) -> str:
    """A word as it is compared: in one case, and Trivy's `DS001`, `DS-0001` and `AVD-DS-0001` as one."""
    word = word.casefold()
    number = word.removeprefix("avd-").removeprefix("ds").removeprefix("-")
    if number.isascii() and number.isdigit() and word.removeprefix("avd-").startswith("ds"):
        return f"ds-{number.lstrip('0'):>04}"
    return word


def checked(rules: Iterable[Rule]) -> Registry:
    """A registry of the rules; raises `RegistryError` where two of them share a code or a name."""
    ordered = tuple(sorted(rules, key=lambda rule: rule.code))
    seen: dict[str, Rule] = {}
    for rule in ordered:
        for kind, word in (("code", rule.code), ("name", rule.name)):
            other = seen.setdefault(word.casefold(), rule)
            if other is not rule:
                raise RegistryError(f"two rules have the {kind} '{word}': {_place(other)} and {_place(rule)}")
    return Registry(ordered)


@cache
def load() -> Registry:
    """The registry of all installed packs, made on first use.

    Raises `RegistryError` if no pack is installed, one cannot be imported, or two rules share a code or name.
    """
    packs = entry_points(GROUP)
    if not packs:
        raise RegistryError(f"no rules are installed: no distribution has an entry point in the group '{GROUP}'")
    return checked(rule for pack in packs for rule in _rules_of(pack))


def _rules_of(pack: EntryPoint) -> Iterator[Rule]:
    """The rules of all modules of a pack, each once, even where one module imports it from another."""
    try:
        modules = list(_modules(pack.value))
    except Exception as error:
        # A pack is foreign code: whatever it raises while it is imported is its own failure.
        raise RegistryError(
            f"the rule pack '{pack.name}' ({pack.value}) cannot be imported: {type(error).__name__}: {error}"
        ) from error
    values = (value for module in modules for value in vars(module).values())
    yield from {id(value): value for value in values if isinstance(value, Rule)}.values()


def _modules(name: str) -> Iterator[ModuleType]:
    """A module and, if it is a package, all modules below it, in the order of their names."""
    __import__(name)
    module = sys.modules[name]
    yield module
    paths = list(getattr(module, "__path__", ()))
    if not paths:
        return
    from pkgutil import iter_modules  # noqa: PLC0415 - slow to import

    for info in sorted(iter_modules(paths), key=lambda info: info.name):
        if info.name != "__main__":
            yield from _modules(f"{name}.{info.name}")


def _place(rule: Rule) -> str:
    """Where a rule comes from, for a message."""
    return f"{rule.check.__module__}.{rule.check.__qualname__}"
