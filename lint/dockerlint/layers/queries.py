"""Calls of package managers, and of what belongs to them, that only ask: they write nothing."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dockerlint.shell.options import names
from dockerlint.shell.package_managers import PackageAction
from dockerlint.shell.script import Command

_ABOUT_ITSELF = names("--version --help")

#: Options that make a call a question, by the key of the manager.
_OPTIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "dpkg": names(
            """
            --print-architecture --print-foreign-architectures -l --list -s --status -L --listfiles -S --search
            -p --print-avail --get-selections --compare-versions -C --audit -V --verify
            """
        ),
        "apk": names("--print-arch"),
        "rpm": names("-q --query -E --eval -V --verify"),
    }
)
#: Sub-commands that are questions.
_VERBS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "apk": names("info list policy search"),
        "pip": names("list freeze show check"),
        "npm": names("list ls view root prefix"),
        "gem": names("list env environment which"),
    }
)
_PROGRAMS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "apt-mark": names("showmanual showauto showhold"),
        "apt-cache": names("depends madison pkgnames policy rdepends search show showpkg"),
        "apt-config": names("dump shell"),
    }
)
_ASKING = names("dpkg-query dpkg-architecture")


def only_asks(action: PackageAction) -> bool:
    """Whether an action of a package manager that has no effect on packages is none at all."""
    key = action.manager.key
    asking = _ABOUT_ITSELF | _OPTIONS.get(key, frozenset())
    return action.options.has(*asking) or action.verb_text in _VERBS.get(key, frozenset())


def is_question(command: Command) -> bool:
    """Whether a program that belongs to a package manager only asks."""
    if command.name in _ASKING:
        return True
    verb = next((word.text for word in command.arguments if not word.prefix.startswith("-")), None)
    return verb is not None and verb in _PROGRAMS.get(command.name or "", frozenset())
