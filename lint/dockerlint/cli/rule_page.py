"""A rule as a page of Markdown: for `dlint explain`, and for the pages of the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dockerlint.config.keys import PROFILES, kind_of
from dockerlint.config.profiles import profile_level
from dockerlint.rule import Option, Rule


def page(rule: Rule) -> str:
    """The page: what the rule is called and where it runs, its manual, and its options."""
    lines = [f"# {rule.code}: {rule.name}", "", *_facts(rule), "", *_fenced(rule.manual)]
    if rule.options:
        lines += ["", "## Options", "", *map(_option, rule.options), "", *_settings(rule)]
    return "\n".join(lines).rstrip() + "\n"


def _fenced(manual: str) -> Iterator[str]:
    """The manual with its indented blocks between fences, which tell readers what language that is."""
    lines = manual.split("\n")
    inside = False
    for number, line in enumerate(lines):
        indented = line.startswith("    ")
        if inside and not indented and (line or not _goes_on(lines, number)):
            yield "```"
            inside = False
            if line:
                yield ""
        elif indented and not inside:
            if number and lines[number - 1]:
                yield ""
            yield "```dockerfile"
            inside = True
        yield line.removeprefix("    ")
    if inside:
        yield "```"


def _goes_on(lines: Sequence[str], number: int) -> bool:
    """Whether the next line that is not blank belongs to an indented block."""
    following = (line for line in lines[number:] if line)
    return next(following, "").startswith("    ")


def level(rule: Rule, profile: str) -> str:
    """The level of a rule in a profile, `-` if it does not run there."""
    found = profile_level(rule, profile)
    return "-" if found is None else found.label


def _facts(rule: Rule) -> Iterator[str]:
    yield f"- Level: {rule.severity.label}{', off by default' if rule.off else ''}"
    levels = ((profile, level(rule, profile)) for profile in PROFILES)
    yield "- Profiles: " + ", ".join(f"{profile} ({found})" for profile, found in levels if found != "-")
    yield f"- Confidence: {rule.confidence.value}"
    if rule.aliases:
        yield "- Also known as: " + ", ".join(f"`{alias}`" for alias in rule.aliases)
    if rule.tags:
        yield "- Tags: " + ", ".join(rule.tags)


def _option(option: Option[object]) -> str:
    return f"- `{option.name}` ({kind_of(option).expects}; default: {default_text(option.default)}): {option.help}"


def _settings(rule: Rule) -> Iterator[str]:
    """A settings file that sets all options of a rule: those with a key of their own above the others."""
    with_key = [(option.setting, option) for option in rule.options if option.setting is not None]
    others = [option for option in rule.options if option.setting is None]
    yield "```yaml"
    yield "# .dlint.yaml"
    for setting, option in with_key:
        yield f"{setting}: {_example(option)}"
    if others:
        yield "rules:"
        yield f"  {rule.name}:"
        yield from (f"    {option.name}: {_example(option)}" for option in others)
    yield "```"
    if with_key:
        names = [f"`rules.{rule.name}.{option.name}`" for _, option in with_key]
        yield ""
        yield f"For this rule alone: {', '.join(names)}."


def _example(option: Option[object]) -> str:
    from dockerlint.config.show import yaml_text  # noqa: PLC0415 - slow to import

    return yaml_text(option.default if option.example is None else option.example)


def default_text(value: object) -> str:
    """The default of an option as one writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(f"`{item}`" for item in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"`{key}: {item}`" for key, item in value.items()) or "none"
    return f"`{value}`"
