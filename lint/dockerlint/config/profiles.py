"""Which rules run, and at which level: profiles, selections, levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from dockerlint.config import keys
from dockerlint.config.layers import Configuration, Layer
from dockerlint.finding import Severity
from dockerlint.registry import ALL, Registry, normalised
from dockerlint.rule import Rule
from dockerlint.settings import ActiveRule
from dockerlint.shellcheck.codes import covers, is_code
from dockerlint.syntax.tree import Problem

#: The code and alias of the rules that report what the builder refuses.
REFUSED = "DL1000"

#: A code that ShellCheck does not have.
_NO_CODE = "SC9999"


def refuses(rule: Rule) -> bool:
    """Whether the rule reports that the builder refuses a file.

    Such a rule runs in every profile and every selection: a file that cannot be built must not look clean.
    Only `ignore` and the level `off` switch it off.
    """
    return Problem in rule.on and REFUSED in (rule.code, *rule.aliases)


def profile_level(rule: Rule, profile: str) -> Severity | None:
    """The level of a rule in a profile (one of `keys.PROFILES`), None if it does not run there."""
    if refuses(rule):
        return Severity.ERROR
    if profile == keys.HADOLINT:
        return rule.hadolint or None
    runs = not rule.off or profile == "all" or (profile == "strict" and rule.strict)
    return rule.severity if runs else None


def active_rules(configuration: Configuration, registry: Registry) -> tuple[ActiveRule, ...]:
    """The rules that run, by code, with their levels and the values of their options.

    Layers are asked from the highest down; the first that says something about a rule decides. Within one
    layer `ignore` and the level `off` come before `select`. A `select` says something about every rule, and
    an `ignore` replaces those of lower layers. A level switches a rule on if it names that rule, not just the
    start of its code.
    """
    profile = configuration.value(keys.PROFILE)
    views = _views(configuration, registry)
    values = _option_values(configuration, registry)
    active = []
    for rule in registry.rules:
        level = _level(rule, views, profile)
        if level is not None:
            active.append(ActiveRule(rule, *level, values.get(rule.code, {})))
    return tuple(active)


@dataclass(frozen=True, slots=True)
class ShellcheckLevels:
    """What the settings say about ShellCheck's codes, as a function: the level of a finding by its code and own level.

    The level is None for a code that is not wanted.
    """

    views: tuple[_View, ...]

    def __call__(self, code: str, own: Severity) -> Severity | None:
        """The level of a finding."""
        if not _runs(code, self.views, in_profile=True):
            return None
        return next((level for view in self.views if (level := view.level(code))), own)


def shellcheck_levels(configuration: Configuration, registry: Registry) -> ShellcheckLevels | None:
    """The levels of ShellCheck's findings; None if the settings leave none of them.

    In every profile all codes are reported at their own level; settings choose among them as among rules.
    """
    views = _views(configuration, registry)
    chosen = [code for view in views for code in (*view.selected, *view.named) if code.startswith("SC")]
    # One code for each choice, and one that nobody chooses, stand for all.
    probes = [_NO_CODE, *(code.replace("*", "").ljust(len(_NO_CODE), "0") for code in chosen)]
    return ShellcheckLevels(views) if any(_runs(probe, views, in_profile=True) for probe in probes) else None


class _View(NamedTuple):
    """What one layer says about rules, by code; codes of ShellCheck may be given by their start."""

    ignored: frozenset[str]
    selected: frozenset[str]
    selects: bool
    levels: Mapping[str, Severity]
    named: frozenset[str]

    def level(self, code: str) -> Severity | None:
        """The level that the most exact selector gives to a code."""
        level = self.levels.get(code)
        if level is None and is_code(code):
            starts = [start for start in self.levels if covers((start,), code)]
            return self.levels[max(starts, key=len)] if starts else None
        return level


def _views(configuration: Configuration, registry: Registry) -> tuple[_View, ...]:
    views = []
    ignores = True
    for layer in configuration.layers:
        ignored = _codes(layer, keys.IGNORE, registry) | _codes(layer, keys.EXTEND_IGNORE, registry)
        selected = _codes(layer, keys.SELECT, registry) | _codes(layer, keys.EXTEND_SELECT, registry)
        table = Configuration((layer,)).value(keys.SEVERITY)
        # The more exact selector counts, so it comes last.
        ordered = sorted(table.items(), key=lambda item: _exactness(item[0]))
        levels = {code: level for word, level in ordered for code in registry.codes(word)}
        named = frozenset(code for word in table for code in registry.codes_named(word))
        selects = keys.SELECT.name in layer.settings
        views.append(_View(ignored if ignores else frozenset(), selected, selects, levels, named))
        ignores = ignores and keys.IGNORE.name not in layer.settings
    return tuple(views)


def _codes(layer: Layer, key: keys.Key[tuple[str, ...]], registry: Registry) -> frozenset[str]:
    selectors = Configuration((layer,)).value(key)
    return frozenset(code for selector in selectors for code in registry.codes(selector))


def _exactness(selector: str) -> tuple[bool, int]:
    """Orders selectors: `all`, then the starts of codes by their length, then codes, names and aliases."""
    if normalised(selector) == ALL:
        return False, 0
    return not selector.endswith("*"), len(selector)


def _level(rule: Rule, views: tuple[_View, ...], profile: str) -> tuple[Severity, bool] | None:
    """The level of a rule and whether the user chose it; None if the rule does not run."""
    of_profile = profile_level(rule, profile)
    if not _runs(rule.code, views, in_profile=of_profile is not None, refuses=refuses(rule)):
        return None
    for view in views:
        level = view.level(rule.code)
        if level and not refuses(rule):
            return level, True
    return of_profile or rule.severity, False


def _runs(code: str, views: tuple[_View, ...], *, in_profile: bool, refuses: bool = False) -> bool:
    for view in views:
        if covers(view.ignored, code) or view.level(code) is Severity.OFF:
            return False
        if covers(view.selected, code):
            return True
        if view.selects:
            return refuses
        if code in view.named:
            return True
    return in_profile


def _option_values(configuration: Configuration, registry: Registry) -> dict[str, dict[str, object]]:
    """The values of options that are not the default, by the code of the rule and the name of the option."""
    values: dict[str, dict[str, object]] = {}
    for rule in registry.rules:
        for option in rule.options:
            if option.setting is not None:
                value = configuration.value(keys.key_of(option, option.setting))
                if value != option.default:
                    values.setdefault(rule.code, {})[option.name] = value
    for (code, name), setting in configuration.value(keys.RULES).items():
        values.setdefault(code, {})[name] = setting.value
    return values
