"""What goes from an image when packages of lower layers are removed, where the files of all packages are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dockerlint.layers.sizes.deb_contents import Kind
from dockerlint.layers.sizes.deb_files import DATABASE, Left

#: What the database keeps of a package whose settings stay.
_STAYING = (".list", ".postrm")


def whiteouts(gone: Iterable[tuple[Left, bool]], rest: Iterable[Left]) -> tuple[str, ...]:
    """The paths that a layer marks as removed, of a folder that goes as a whole only the folder itself.

    Takes the packages that go, each with whether its settings go, too, and those that stay.
    """
    staying = {path for left in rest for path in _with_folders(left)}
    going: set[str] = set()
    for left, is_purged in gone:
        kept = () if is_purged else left.settings
        if kept:
            staying.update(kept)
            staying.update(entry.path for entry in left.entries if _stays(entry.path))
            staying.update(folder for path in kept for folder in _above(path))
        going.update(_with_folders(left))
    going -= staying
    return tuple(sorted(path for path in going if not any(folder in going for folder in _above(path))))


def _stays(path: str) -> bool:
    return path.startswith(f"{DATABASE}/") and path.endswith(_STAYING)


def _with_folders(left: Left) -> Iterator[str]:
    """All paths of a package, and all folders above them: a folder need not be named."""
    for entry in left.entries:
        yield entry.path
        if entry.kind is not Kind.FOLDER:
            yield from _above(entry.path)


def _above(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path
