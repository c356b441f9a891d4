"""How many bytes packages of Debian leave in an image.

Of packages that are often installed it was measured (`tools/make_deb_lists.py`); another version takes the share of
what it says that the measured one took. All others take what is usual.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from dockerlint.layers.size import Provenance, Size
from dockerlint.layers.sizes.deb_control import Package
from dockerlint.layers.sizes.deb_files import BYTE_CODE, STANDARD_CODE, Left
from dockerlint.layers.sizes.install import PackageSize


class _Usual(NamedTuple):
    """Shares of what a package tells, for packages of fewer bytes than `below` that were not measured.

    `slim` is unpacked in slim images, `full` in others: medians of the measured packages of that size. `least` is
    reached by three of four of them. `entries` go to the system's database.
    """

    below: float
    slim: float
    full: float
    least: float
    entries: float


_USUAL = (
    _Usual(1e5, 0.54, 0.71, 0.32, 0.057),
    _Usual(3e5, 0.79, 0.88, 0.60, 0.028),
    _Usual(1e6, 0.87, 0.94, 0.68, 0.014),
    _Usual(3e6, 0.90, 0.97, 0.67, 0.006),
    _Usual(1e7, 0.96, 0.98, 0.75, 0.002),
    _Usual(float("inf"), 0.995, 0.997, 0.95, 0.001),
)
#: What small images unpack of each byte of a package that the archive counts as documentation: probably, at least, at
#: most. Of 40 such packages of bookworm, drawn at random, 33 left less than 5 % and half of them less than 1.6 %, but
#: three left all, since their files lie elsewhere.
_DOCUMENTATION = (0.02, 0.001, 1.0)
#: What no package goes beyond.
_MOST_SHARE = 1.05

#: What is unpacked of each byte of a package that does not tell its size, as libraries for cross compilers do not:
#: probably, at least, at most.
_UNPACKED = (4.5, 1.5, 7.0)

#: What the model misses of measured packages, of files that are known, and of what programs make of them.
_DOUBT = 0.04
_DOUBT_OF_FILES = 0.01
_DOUBT_OF_MADE = 0.15
#: Bytes that are uncertain in any case: logs, caches of the loader, entries in the database.
_SLACK = 120_000

#: The share of sources in packages for Python that were not measured.
_PYTHON_SHARE = 0.8
#: Files that every installation writes anew: the status of all packages and its copy, logs, the cache of the loader.
_STATUS, _LOGS = 2 * 77_000, 60_000
#: Each package is told in five logs, and in the list of those that were not asked for.
_LOG_OF_PACKAGE = 920
#: The texts of debconf, which are stored again, with a copy, with any package that asks questions.
_QUESTIONS = 757_000
_USUAL_QUESTIONS = 4_000
#: What programs make at the end of an installation, measured on bookworm: all certificates in one file, the database
#: of devices, that of messages, that of kinds of files, the formats of TeX, and the first database of a server.
_MADE: Mapping[str, int] = {
    "ca-certificates": 222_000,
    "udev": 13_017_000,
    "systemd": 214_000,
    "shared-mime-info": 2_714_000,
    "texlive-base": 4_800_000,
    "texlive-latex-base": 36_900_000,
    "mariadb-server": 117_850_000,
    "mariadb-server-10.5": 117_850_000,
    **{f"postgresql-{version}": 39_790_000 for version in (13, 14, 15, 16, 17)},
}
_PYTHON = ("python3", "python3-minimal", "python3.")


class _Measured(NamedTuple):
    """What was counted in a package: see `tools/make_deb_lists.py`."""

    kept: int
    left_out: int
    python: int
    entries: int
    asks: int


class Weighed(NamedTuple):
    """The bytes of an installation, and those of each package."""

    size: Size
    packages: tuple[PackageSize, ...]


class Setting(NamedTuple):
    """Where packages are installed.

    `measured` finds a package of the suite, of any version, that was looked at once. `has_python`: the system's Python
    is there already. `known` are packages whose files are known, by their names.
    """

    is_small: bool
    has_python: bool
    measured: Callable[[str], Package | None]
    known: Mapping[str, Left] = MappingProxyType({})


def weigh(packages: Iterable[Package], setting: Setting, *, always: bool = False) -> Weighed:
    """What packages leave. Without any, logs and lists are written only if they are `always`: by a removal."""
    chosen = tuple(packages)
    compiles = setting.has_python or brings_python(chosen)
    sizes = []
    low = high = 0.0
    for package in chosen:
        left = setting.known.get(package.name)
        if left is not None:
            count, least, most = _bytes_of_files(package, left)
        else:
            count, least, most = _bytes_of(package, setting, compiles=compiles)
        sizes.append(PackageSize(package.name, package.version, count))
        low += least
        high += most
    common, rewritten = _common(chosen, setting) if chosen or always else (0, 0)
    whole = sum(each.size for each in sizes) + common
    slack = _SLACK + rewritten
    size = Size(max(0, round(low + common * 0.5 - _SLACK)), whole, round(high + common + slack), Provenance.ESTIMATED)
    return Weighed(size, tuple(sizes))


def brings_python(packages: Iterable[Package]) -> bool:
    """Whether the system's Python is among packages."""
    return any(package.name.startswith(_PYTHON) for package in packages)


def _common(chosen: tuple[Package, ...], setting: Setting) -> tuple[int, int]:
    """What any installation writes anew, and what it may write besides.

    The engine's storage decides whether the questions count that are written again without a change.
    """
    lefts = [left for package in chosen if (left := setting.known.get(package.name)) is not None]
    described = 2 * sum(left.described for left in lefts)
    others = [package for package in chosen if package.name not in setting.known]
    questions = [left.asks for left in lefts] + [_questions(package, setting) for package in others]
    logs = _LOGS + _LOG_OF_PACKAGE * len(chosen)
    if any(questions):
        return _STATUS + logs + described + 2 * _QUESTIONS + sum(questions), 0
    return _STATUS + logs + described, _QUESTIONS


def _bytes_of_files(package: Package, left: Left) -> tuple[int, float, float]:
    """What a package leaves whose files are known: probably, at least, at most."""
    made = _MADE.get(package.name, 0)
    count = left.size + made
    doubt = left.size * _DOUBT_OF_FILES + (left.compiled + made) * _DOUBT_OF_MADE
    return count, count - doubt, count + doubt


def _bytes_of(package: Package, setting: Setting, *, compiles: bool) -> tuple[int, float, float]:
    """What one package leaves: probably, at least, at most."""
    found = _measured(package, setting)
    made = _MADE.get(package.name, 0)
    if found is not None:
        measured, scale, doubt = found
        unpacked = measured.kept + (0 if setting.is_small else measured.left_out)
        unpacked += measured.entries + round(measured.python * _code_of(package)) * compiles
        count = round(unpacked * scale) + made
        return count, count * (1 - doubt), count * (1 + doubt)
    if not package.size:
        probably, least, most = (package.packed * share for share in _UNPACKED)
        return round(probably), least, most
    if package.section == "doc" and setting.is_small:
        probably, least, most = (package.size * share for share in _DOCUMENTATION)
        return round(probably), least, most
    usual = next(each for each in _USUAL if package.size < each.below)
    code = BYTE_CODE * _PYTHON_SHARE if compiles and package.section == "python" else 0.0
    share = (usual.slim if setting.is_small else usual.full) + usual.entries + code
    count = round(package.size * share) + made
    return count, package.size * usual.least, package.size * (_MOST_SHARE + usual.entries + code * 1.3) + made


def _measured(package: Package, setting: Setting) -> tuple[_Measured, float, float] | None:
    """What was measured of a package, how much larger it is by now, and how doubtful that makes it."""
    found = setting.measured(package.name)
    if found is None or len(found.measured) != len(_Measured._fields) or not found.size:
        return None
    scale = package.size / found.size
    return _Measured(*found.measured), scale, _DOUBT + min(0.5, abs(scale - 1) / 2)


def _code_of(package: Package) -> float:
    return STANDARD_CODE if package.name.startswith(("libpython3.", "python3.")) else BYTE_CODE


def _questions(package: Package, setting: Setting) -> int:
    """The bytes of its questions of debconf, 0 if it has none."""
    found = _measured(package, setting)
    if found is not None:
        return found[0].asks
    return _USUAL_QUESTIONS * any(each.name == "debconf" for group in package.depends for each in group)
