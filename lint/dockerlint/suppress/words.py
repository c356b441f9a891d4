"""From the words of a suppression to the codes of the rules that they mean."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dockerlint.registry import Registry
from dockerlint.rule import Rule
from dockerlint.shellcheck.codes import codes_of
from dockerlint.syntax.pragmas import Tool

_EVERYTHING = "all"
#: The check that BuildKit runs only where a file asks for it; `all` does not mean it.
_EXPERIMENTAL = "InvalidDefinitionDescription"
#: The checks that BuildKit makes of more than one instruction: a comment above one of them does not reach these.
_BEYOND_ONE_INSTRUCTION = (
    "ConsistentInstructionCasing",
    "DuplicateStageName",
    "InvalidBaseImagePlatform",
    "InvalidDefaultArgInFrom",
    "MultipleInstructionsDisallowed",
    "NoEmptyContinuation",
    "ReservedStageName",
)
_HADOLINT = re.compile(r"(?:DL|SC)\d{3,5}", re.IGNORECASE)
#: The aliases that a tool's own names have here, for pragmas that mean all that the tool finds.
_ALIASES = {
    Tool.BUILDKIT: re.compile(r"[A-Z][A-Za-z]*[a-z]"),
    Tool.KICS: re.compile(r"KICS-[0-9a-f]{8}"),
    Tool.SEMGREP: re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+"),
}
#: How many answers are kept. They serve all files of a run, whose pragmas name few rules many times.
_MOST_KEPT = 10_000


class Dictionary:
    """Answers which codes the words of suppressions mean, each in the manner of its tool."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._codes: dict[tuple[Tool, str], frozenset[str]] = {}
        self._whole: dict[Tool, frozenset[str]] = {}

    def codes(self, tool: Tool, word: str) -> frozenset[str]:
        """The codes that a word means in a pragma of a tool; none for a word that is not known."""
        key = (tool, word)
        codes = self._codes.get(key)
        if codes is None:
            if len(self._codes) >= _MOST_KEPT:
                self._codes.clear()
            codes = self._codes[key] = self._look_up(tool, word)
        return codes

    def all_of(self, tool: Tool) -> frozenset[str]:
        """The codes of all rules that carry a name of the tool."""
        codes = self._whole.get(tool)
        if codes is None:
            is_name = _ALIASES[tool].fullmatch
            rules = (rule for rule in self._registry.rules if any(map(is_name, rule.aliases)))
            codes = self._whole[tool] = _codes_of(rules)
        return codes

    def beyond_one_instruction(self, tool: Tool) -> frozenset[str]:
        """The codes that a pragma of the tool above an instruction does not hide, whatever it names."""
        if tool is not Tool.BUILDKIT:
            return frozenset()
        return frozenset(code for name in _BEYOND_ONE_INSTRUCTION for code in self._builder_codes(name))

    def suggestion(self, word: str) -> str | None:
        """The known word that was probably meant by one that means nothing."""
        return self._registry.suggestion(word)

    def _look_up(self, tool: Tool, word: str) -> frozenset[str]:
        named = self._registry.named
        if tool is Tool.DLINT:
            return self._registry.codes(word)
        if tool is Tool.HADOLINT:
            own = _codes_of(named(word))
            return own or (frozenset({word.upper()}) if _HADOLINT.fullmatch(word) else own)
        if tool is Tool.TALLY:
            return _codes_of(named(word)) or self._look_up(Tool.DLINT, word.rsplit("/", 1)[-1])
        if tool is Tool.BUILDKIT:
            if word.lower() == _EVERYTHING:
                return self.all_of(tool) - self._builder_codes(_EXPERIMENTAL)
            return self._builder_codes(word)
        if tool is Tool.KICS:
            return _codes_of(named(f"KICS-{word[:8]}"))
        if tool is Tool.SHELLCHECK:
            return codes_of(word)
        if tool is Tool.SEMGREP:
            return _codes_of(named(word) or named(word.rsplit(".", 1)[-1]))
        return _codes_of(named(word))

    def _builder_codes(self, name: str) -> frozenset[str]:
        """The rules with that name of BuildKit's, whose case counts."""
        return _codes_of(rule for rule in self._registry.rules if name in rule.aliases)


def _codes_of(rules: Iterable[Rule]) -> frozenset[str]:
    return frozenset(rule.code for rule in rules)
