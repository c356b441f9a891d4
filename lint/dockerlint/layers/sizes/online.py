"""The estimators that ask the packages' own archives, all behind one door."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from dockerlint.context.fetch.limits import Progress
from dockerlint.context.fetch.user_cache import user_cache
from dockerlint.layers.sizes.downloads import Downloads
from dockerlint.layers.sizes.fetched import Fetcher
from dockerlint.layers.sizes.install import Estimator, Estimators
from dockerlint.layers.sizes.lengths import Lengths
from dockerlint.layers.sizes.remembered import Remembered


class Online(NamedTuple):
    """Who tells the sizes of packages, and those of files on servers."""

    estimators: Estimators
    downloads: Downloads


def ask_online(
    environment: Mapping[str, str],
    progress: Progress,
    *,
    debian: str = "",
    ubuntu: str = "",
    alpine: str = "",
    exact: bool = False,
) -> Online:
    """The estimators of all managers, and what asks servers. They use the user's cache folder.

    Nothing is fetched before they are asked. `debian` and `ubuntu` are URLs of other archives, up to the name of the
    distribution, `alpine` of one of Alpine, up to the folders of its releases. With `exact` packages themselves are
    looked into, where an estimator can do that.
    """
    folder = user_cache(environment, "packages-2")
    fetcher = Fetcher(Remembered(user_cache(environment, "files-1")), progress)
    families: Mapping[tuple[str, ...], Callable[[], Estimator]] = {
        ("apt-get",): partial(_apt, folder, progress, debian.rstrip("/"), ubuntu.rstrip("/"), exact=exact),
        ("apk",): partial(_apk, folder, progress, alpine.rstrip("/")),
        ("dnf", "microdnf", "yum"): partial(_rpm, folder, progress),
        ("pip", "uv", "poetry", "pipenv", "pdm"): partial(_python, fetcher),
        ("npm", "yarn", "pnpm"): partial(_node, fetcher),
    }
    return Online(_OnDemand(families), Lengths(fetcher))


class _OnDemand(Mapping[str, Estimator]):
    """Estimators by the managers that share them, each made when it is first asked for.

    A file has one or two of these managers, and the modules of all would take a tenth of a second to load.
    """

    def __init__(self, families: Mapping[tuple[str, ...], Callable[[], Estimator]]) -> None:
        self._families = {manager: family for family in families for manager in family}
        self._make = families
        self._made: dict[tuple[str, ...], Estimator] = {}

    def __getitem__(self, manager: str) -> Estimator:
        family = self._families[manager]
        if family not in self._made:
            self._made[family] = self._make[family]()
        return self._made[family]

    def __iter__(self) -> Iterator[str]:
        return iter(self._families)

    def __len__(self) -> int:
        return len(self._families)


def _apt(folder: str | None, progress: Progress, debian: str, ubuntu: str, *, exact: bool) -> Estimator:
    from dockerlint.layers.sizes.deb import DebEstimator  # noqa: PLC0415 - one of many
    from dockerlint.layers.sizes.deb_archive import Archive  # noqa: PLC0415 - as above
    from dockerlint.layers.sizes.deb_moving import MovingTags  # noqa: PLC0415 - as above
    from dockerlint.layers.sizes.deb_packages import Packages  # noqa: PLC0415 - as above
    from dockerlint.layers.sizes.deb_suites import MIRROR, UBUNTU_MIRROR, Mirrors  # noqa: PLC0415 - as above

    contents = Packages(Remembered(folder), progress)
    mirrors = Mirrors(debian or MIRROR, ubuntu or UBUNTU_MIRROR)
    return MovingTags(DebEstimator(Archive(folder, progress), mirrors, contents, exact=exact))


def _apk(folder: str | None, progress: Progress, mirror: str) -> Estimator:
    from dockerlint.layers.sizes.apk import ApkEstimator  # noqa: PLC0415 - as above
    from dockerlint.layers.sizes.apk_images import MIRROR  # noqa: PLC0415 - as above
    from dockerlint.layers.sizes.indexes import Indexes  # noqa: PLC0415 - as above

    return ApkEstimator(Indexes(folder, progress), mirror or MIRROR)


def _rpm(folder: str | None, progress: Progress) -> Estimator:
    from dockerlint.layers.sizes.indexes import Indexes  # noqa: PLC0415 - as above
    from dockerlint.layers.sizes.rpm import RpmEstimator  # noqa: PLC0415 - as above

    return RpmEstimator(Indexes(folder, progress))


def _python(fetcher: Fetcher) -> Estimator:
    from dockerlint.layers.sizes.python.estimator import PythonEstimator  # noqa: PLC0415 - as above

    return PythonEstimator(fetcher)


def _node(fetcher: Fetcher) -> Estimator:
    from dockerlint.layers.sizes.node.estimator import NodeEstimator  # noqa: PLC0415 - as above

    return NodeEstimator(fetcher)
