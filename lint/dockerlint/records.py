"""Classes of values that nobody changes, made fast.

A frozen dataclass sets each field through a function call, which takes ten times as long as an assignment, and a file
of fifty lines makes a thousand such fields. `record` is `dataclass` to the type checker, which sees to it that no field
is assigned to; when the program runs, nothing checks that a second time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:
    from dataclasses import dataclass

    def record(*, frozen, eq=True, **options):
        """`dataclass` with these options; values that are compared by their fields are also hashed by them."""
        return dataclass(eq=eq, unsafe_hash=frozen and eq, **options)


__all__ = ["record"]
