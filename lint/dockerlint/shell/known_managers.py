"""All package managers that are known, from the tables of their ecosystems."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from dockerlint.shell.javascript_managers import JAVASCRIPT_MANAGERS
from dockerlint.shell.language_managers import LANGUAGE_MANAGERS
from dockerlint.shell.managers import Manager
from dockerlint.shell.python_managers import PYTHON_MANAGERS
from dockerlint.shell.system_managers import SYSTEM_MANAGERS

_TABLES = (SYSTEM_MANAGERS, PYTHON_MANAGERS, JAVASCRIPT_MANAGERS, LANGUAGE_MANAGERS)


@cache
def managers() -> Mapping[str, Manager]:
    """All known package managers by their key."""
    return MappingProxyType({entry.key: entry for table in _TABLES for entry in table})


@cache
def manager_by_name() -> Mapping[str, Manager]:
    """The known package managers by the names of their programs."""
    return MappingProxyType({name: entry for entry in managers().values() for name in entry.names})
