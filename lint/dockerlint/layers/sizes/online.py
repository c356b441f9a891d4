"""The estimators that ask the packages' own archives, all behind one door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from dockerlint.context.fetch.limits import Progress
from dockerlint.context.fetch.user_cache import user_cache
from dockerlint.layers.sizes import apk_images
from dockerlint.layers.sizes.apk import ApkEstimator
from dockerlint.layers.sizes.deb import DebEstimator
from dockerlint.layers.sizes.deb_archive import Archive
from dockerlint.layers.sizes.deb_packages import Packages
from dockerlint.layers.sizes.deb_suites import MIRROR, UBUNTU_MIRROR, Mirrors
from dockerlint.layers.sizes.downloads import Downloads
from dockerlint.layers.sizes.fetched import Fetcher
from dockerlint.layers.sizes.indexes import Indexes
from dockerlint.layers.sizes.install import Estimators
from dockerlint.layers.sizes.lengths import Lengths
from dockerlint.layers.sizes.node.estimator import NodeEstimator
from dockerlint.layers.sizes.python.estimator import PythonEstimator
from dockerlint.layers.sizes.remembered import Remembered
from dockerlint.layers.sizes.rpm import MANAGERS, RpmEstimator


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
    archive, indexes = Archive(folder, progress), Indexes(folder, progress)
    packages = Packages(Remembered(folder), progress) if exact else None
    fetcher = Fetcher(Remembered(user_cache(environment, "files-1")), progress)
    mirrors = Mirrors(debian.rstrip("/") or MIRROR, ubuntu.rstrip("/") or UBUNTU_MIRROR)
    estimators: Estimators = {
        "apt-get": DebEstimator(archive, mirrors, packages),
        "apk": ApkEstimator(indexes, alpine.rstrip("/") or apk_images.MIRROR),
        **dict.fromkeys(MANAGERS, RpmEstimator(indexes)),
        **dict.fromkeys(("pip", "uv", "poetry", "pipenv", "pdm"), PythonEstimator(fetcher)),
        **dict.fromkeys(("npm", "yarn", "pnpm"), NodeEstimator(fetcher)),
    }
    return Online(estimators, Lengths(fetcher))
