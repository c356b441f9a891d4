"""Which versions pip would take: its own algorithm, `resolvelib`, over an index."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from resolvelib import AbstractProvider, BaseReporter, Resolver
from resolvelib.resolvers import RequirementInformation, ResolutionError, ResolutionImpossible

from dockerlint.context.fetch.limits import ContextError
from dockerlint.layers.sizes.python.index import Candidate, PythonIndex
from dockerlint.layers.sizes.python.target import Target

_MOST_ROUNDS = 5_000
_SECONDS = 90.0
Key = tuple[str, frozenset[str]]


class Wanted(NamedTuple):
    """What is asked for: the requirements, versions that are forbidden by constraints, and what is there already."""

    requirements: tuple[Requirement, ...]
    constraints: Mapping[str, SpecifierSet]
    present: Mapping[str, Candidate]
    prereleases: bool = False


class _Choice(NamedTuple):
    """A version with some of its extras."""

    candidate: Candidate
    extras: frozenset[str]


def closure(index: PythonIndex, target: Target, wanted: Wanted, *, follow: bool = True) -> dict[str, Candidate]:
    """All packages that are there in the end, by their canonical names; without `follow` only those that are named.

    Raises `ContextError`.
    """
    provider = _Provider(index, target, wanted, follow=follow)
    roots = [each for each in wanted.requirements if provider.applies(each, frozenset())]
    for requirement in roots:
        index.ask(canonicalize_name(requirement.name))
    try:
        result = Resolver(provider, BaseReporter()).resolve(roots, max_rounds=_MOST_ROUNDS)
    except ResolutionImpossible as error:
        names = sorted({canonicalize_name(cause.requirement.name) for cause in error.causes})
        raise ContextError(f"no versions of {', '.join(names[:3])} fit together") from error
    except ResolutionError as error:
        raise ContextError("the versions that fit together take too long to find") from error
    return {choice.candidate.name: choice.candidate for choice in result.mapping.values()}


class _Provider(AbstractProvider[Requirement, _Choice, Key]):
    """What the algorithm asks."""

    def __init__(self, index: PythonIndex, target: Target, wanted: Wanted, *, follow: bool) -> None:
        self._follow = follow
        self._index = index
        self._environment = target.environment()
        self._wanted = wanted
        self._end = time.monotonic() + _SECONDS

    def applies(self, requirement: Requirement, extras: frozenset[str]) -> bool:
        """Whether a requirement counts for the interpreter and one of the extras."""
        if requirement.marker is None:
            return True
        try:
            return any(requirement.marker.evaluate({**self._environment, "extra": extra}) for extra in (extras or {""}))
        except (UndefinedComparison, UndefinedEnvironmentName):
            return False

    def identify(self, requirement_or_candidate: Requirement | _Choice) -> Key:
        """See `AbstractProvider`."""
        if isinstance(requirement_or_candidate, _Choice):
            return requirement_or_candidate.candidate.name, requirement_or_candidate.extras
        requirement = requirement_or_candidate
        return canonicalize_name(requirement.name), frozenset(map(canonicalize_name, requirement.extras))

    def get_preference(
        self,
        identifier: Key,
        resolutions: Mapping[Key, _Choice],
        candidates: Mapping[Key, Iterator[_Choice]],
        information: Mapping[Key, Iterator[RequirementInformation[Requirement, _Choice]]],
        backtrack_causes: Sequence[RequirementInformation[Requirement, _Choice]],
    ) -> tuple[bool, bool, bool, str]:
        """What conflicts first, then what is pinned or bounded, as pip does it."""
        del resolutions, candidates
        causes = {canonicalize_name(cause.requirement.name) for cause in backtrack_causes}
        operators = {spec.operator for each in information[identifier] for spec in each.requirement.specifier}
        return identifier[0] not in causes, not operators & {"==", "==="}, not operators, identifier[0]

    def find_matches(
        self,
        identifier: Key,
        requirements: Mapping[Key, Iterator[Requirement]],
        incompatibilities: Mapping[Key, Iterator[_Choice]],
    ) -> Iterable[_Choice]:
        """The versions that fit all requirements, what is there already first, then the newest."""
        if time.monotonic() > self._end:
            raise ContextError("the versions that fit together take too long to find")
        name, extras = identifier
        wanted = list(requirements[identifier])
        direct = next((each.url for each in wanted if each.url), None)
        if direct is not None:
            raise ContextError(f"what '{name}' from {direct[:100]} installs is not known")
        specifiers = [each.specifier for each in wanted]
        if name in self._wanted.constraints:
            specifiers.append(self._wanted.constraints[name])
        bad = {choice.candidate.version for choice in incompatibilities[identifier]}
        found = [each for each in self._fitting(name, specifiers) if each.version not in bad]
        present = self._wanted.present.get(name)
        if present is not None:
            found.sort(key=lambda each: each.version != present.version)
        return [_Choice(candidate, extras) for candidate in found]

    def _fitting(self, name: str, specifiers: list[SpecifierSet]) -> list[Candidate]:
        candidates = self._index.page(name).candidates
        versions = [each.version for each in candidates]
        for specifier in specifiers:
            chosen = set(specifier.filter(versions, prereleases=True))
            versions = [version for version in versions if version in chosen]
        final = [version for version in versions if not version.is_prerelease]
        # A version before its release is taken where one is asked for, or there is no other.
        asked = self._wanted.prereleases or any(specifier.prereleases for specifier in specifiers)
        kept = set(versions if asked or not final else final)
        return [each for each in candidates if each.version in kept]

    def is_satisfied_by(self, requirement: Requirement, candidate: _Choice) -> bool:
        """See `AbstractProvider`."""
        return requirement.specifier.contains(candidate.candidate.version, prereleases=True)

    def get_dependencies(self, candidate: _Choice) -> Iterable[Requirement]:
        """What a version needs; with extras it needs itself without them, too."""
        if not self._follow:
            return []
        found = candidate.candidate
        needs = [each for each in self._index.needs(found) if self.applies(each, candidate.extras)]
        for each in needs:
            self._index.ask(each.name)
        if candidate.extras:
            needs.append(Requirement(f"{found.name}=={found.version}"))
        return needs
