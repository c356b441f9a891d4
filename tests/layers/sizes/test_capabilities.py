"""Packages that come with others, by what they need and provide."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dockerlint.layers.sizes.capabilities import Pool, Unit, resolve


def unit(name: str, needs: str = "", provides: str = "", rank: int = 0) -> Unit:
    return Unit(name, "1", 10, needs=tuple(needs.split()), provides=tuple(provides.split()), rank=rank)


def names_of(pool: Pool, *names: str, weak: bool = False) -> list[str]:
    return [each.name for each in resolve(pool, names, weak=weak).units]


def test_what_is_needed_comes_whoever_provides_it() -> None:
    pool = Pool([unit("curl", "so:z cmd:sh"), unit("zlib", provides="so:z"), unit("busybox", provides="cmd:sh")])
    assert names_of(pool, "curl") == ["curl", "zlib", "busybox"]


def test_a_package_goes_before_those_that_stand_in_for_it() -> None:
    pool = Pool([unit("other", provides="mail", rank=9), unit("mail")])
    assert names_of(pool, "mail") == ["mail"]


def test_of_several_the_highest_rank_stands_in_unless_one_is_there() -> None:
    pool = Pool([unit("a", provides="db"), unit("b", provides="db", rank=5), unit("user", "db"), unit("plain", "a db")])
    assert names_of(pool, "user") == ["user", "b"]
    assert names_of(pool, "plain") == ["plain", "a"]
    assert names_of(pool, "a", "db") == ["a"]


def test_what_a_package_avoids_does_not_come_with_it() -> None:
    pool = Pool(
        [unit("a", "web")._replace(avoids=("b",)), unit("b", provides="web", rank=5), unit("c", provides="web")]
    )
    assert names_of(pool, "a") == ["a", "c"]


def test_what_is_recommended_comes_only_if_it_shall() -> None:
    pool = Pool([unit("a")._replace(wants=("b", "nowhere")), unit("b")])
    assert names_of(pool, "a") == ["a"]
    assert names_of(pool, "a", weak=True) == ["a", "b"]


def test_a_package_joins_once_all_that_it_waits_for_is_there() -> None:
    pool = Pool([unit("app"), unit("docs"), unit("app-doc")._replace(joins=("app", "docs"))])
    assert names_of(pool, "app") == ["app"]
    assert names_of(pool, "app", "docs") == ["app", "docs", "app-doc"]
    later = resolve(pool, ["docs"], present=[unit("app")])
    assert [each.name for each in later.units] == ["docs", "app-doc"]


def test_what_is_missing_is_told_and_what_is_present_does_not_come_again() -> None:
    pool = Pool([unit("a", "b gone"), unit("b", "a"), unit("c", "b")])
    assert resolve(pool, ["a", "nowhere"]).missing == ("nowhere", "gone")
    assert [each.name for each in resolve(pool, ["c"], present=[unit("b")]).units] == ["c"]


_NAME = st.sampled_from("abcdef")


@given(st.lists(st.builds(unit, _NAME, st.text("abcdef ", max_size=6), st.text("abcdef ", max_size=4)), max_size=6))
def test_each_package_comes_once_and_nothing_that_can_be_had_is_missing(units: list[Unit]) -> None:
    pool = Pool(units)
    found = resolve(pool, list("abc"))
    names = [each.name for each in found.units]
    assert len(names) == len(set(names))
    held = {capability for each in found.units for capability in (each.name, *each.provides)}
    needed = {capability for each in found.units for capability in each.needs}
    assert needed - held == {name for name in found.missing if name in needed}
    assert all(pool.provider(name) is None for name in found.missing)
