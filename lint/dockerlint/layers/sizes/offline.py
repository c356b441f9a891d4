"""The estimators that need no network, all behind one door."""

from __future__ import annotations

from dockerlint.layers.sizes.deb import DebEstimator
from dockerlint.layers.sizes.deb_builtin import Builtin
from dockerlint.layers.sizes.deb_moving import MovingTags
from dockerlint.layers.sizes.install import Estimators


def offline_estimators() -> Estimators:
    """The estimators of all managers that know something from tables that come with the program."""
    return {"apt-get": MovingTags(DebEstimator(Builtin()))}
