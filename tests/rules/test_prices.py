"""Findings about packages say what they cost, where somebody knows it and somebody has asked."""

from __future__ import annotations

import pytest

from dockerlint.engine import Engine
from dockerlint.layers.size import Provenance, Size
from dockerlint.layers.sizes.install import Estimate, Install, PackageSize, unknown
from dockerlint.registry import load
from dockerlint.settings import ActiveRule, Settings
from dockerlint.shell.managers import Cache
from dockerlint.source import Source

FILE = "FROM debian:12-slim\nRUN apt-get update && apt-get install -y {}\n"


class Shop:
    """Knows the packages `curl` and `git`, of which only `curl` recommends others."""

    def installed(self, install: Install) -> Estimate:
        """One package takes 2 MB, each recommended one 3 MB."""
        names = install.request.packages
        if not set(names) <= {"curl", "git"}:
            return unknown("it is not known")
        packages = [PackageSize(name, "1", 2_000_000) for name in names]
        if install.request.recommends and "curl" in names:
            packages += [PackageSize(name, "1", 3_000_000) for name in ("locales", "ca-certificates")]
        size = sum(package.size for package in packages)
        return Estimate(Size(size, size, size, Provenance.ESTIMATED), "", tuple(packages))

    def removed(self, install: Install) -> Estimate:
        """Nothing is known of removals."""
        return unknown(f"{install.request.verb} is not known")

    def cached(self, install: Install, cache: Cache) -> Estimate:
        """Lists take 20 MB."""
        del install, cache
        return Estimate(Size(0, 20_000_000, None, Provenance.ESTIMATED), "")


def messages(text: str, *, prices: bool) -> dict[str, str]:
    registry = load()
    rules = tuple(ActiveRule(rule, rule.severity) for rule in registry.rules if rule.code in ("DL3009", "DL3015"))
    engine = Engine(Settings(rules, prices=prices), registry, estimators={"apt-get": Shop()})
    return {finding.code: finding.message for finding in engine.lint(Source("Dockerfile", text)).findings}


def test_prices_are_those_of_what_could_be_left_out() -> None:
    assert messages(FILE.format("curl git"), prices=True) == {
        "DL3009": "'apt-get update' leaves package lists in the layer, about 20.0 MB:"
        " end this RUN with 'rm -rf /var/lib/apt/lists/*'",
        "DL3015": "'apt-get install' also installs what the packages recommend, about 6.0 MB in 2 packages:"
        " add '--no-install-recommends'",
    }


@pytest.mark.parametrize(
    ("text", "prices"),
    [
        (FILE.format("curl"), False),
        (FILE.format("git"), True),
        (FILE.format("curl nothing-known"), True),
        (FILE.format("curl $NAME"), True),
        (FILE.format("curl") + "FROM debian:12-slim\nRUN true\n", True),
    ],
)
def test_what_nobody_has_asked_for_or_knows_has_no_price(text: str, prices: bool) -> None:
    expected = "'apt-get install' also installs what the packages recommend: add '--no-install-recommends'"
    assert messages(text, prices=prices)["DL3015"] == expected
