"""Objects of sarif-om to the JSON that SARIF 2.1.0 wants."""

from __future__ import annotations

from typing import Any

import attr

#: Left out, a result's level would be that of its rule, not the default of the object.
_ALWAYS = frozenset({"level"})


def as_json(value: Any) -> object:
    """The value with objects as dictionaries, under the names of the format; what is unset or default is left out."""
    if attr.has(type(value)):
        return _members(value)
    if isinstance(value, dict):
        return {name: as_json(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    return value


def _members(value: Any) -> dict[str, object]:
    members = {}
    for field in attr.fields(type(value)):
        member = getattr(value, field.name)
        factory = getattr(field.default, "factory", None)
        default = field.default if factory is None else factory()
        if member is not None and (field.name in _ALWAYS or member != default):
            members[field.metadata["schema_property_name"]] = as_json(member)
    return members
