"""Lists of packages, and what comes with a package."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.layers.sizes.deb_control import Relation, kept_lines, package_of
from dockerlint.layers.sizes.deb_index import Index, closure
from dockerlint.layers.sizes.deb_model import Setting, weigh
from dockerlint.layers.sizes.deb_sorted import sorted_list


def listed(*packages: str) -> str:
    """A list; each package is `name`, or `name version`, and lines `Field: value`."""
    paragraphs = []
    for package in packages:
        head, *fields = package.split("\n")
        name, _, version = head.partition(" ")
        lines = [f"Package: {name}", f"Version: {version or '1'}", "Installed-Size: 10", *(f.strip() for f in fields)]
        paragraphs.append("\n".join(lines) + "\n")
    return "\n".join(paragraphs)


def index_of(*lists: str) -> Index:
    """The index of some lists as archives write them."""
    return Index(map(sorted_list, lists))


def names(index: Index, *wanted: str, recommends: bool = False, present: tuple[str, ...] = ()) -> list[str]:
    """The names that come with some."""
    found = closure(index, wanted, recommends=recommends, present=frozenset(present))
    return [package.name for package in found.packages]


def test_a_package_is_read() -> None:
    package = package_of(
        "Package: curl\nVersion: 7.88.1-10\nInstalled-Size: 500\nSection: non-free/web\n"
        "Depends: libc6 (>= 2.34), libcurl4 (= 7.88.1-10), a:any | b\nRecommends: ca-certificates\n"
        "Provides: transfer (= 3), other\nDescription: a\n long: one\n"
    )
    assert package is not None
    assert (package.name, package.version, package.size, package.section) == ("curl", "7.88.1-10", 512_000, "web")
    assert package.depends == (
        (Relation("libc6", ">=", "2.34"),),
        (Relation("libcurl4", "=", "7.88.1-10"),),
        (Relation("a"), Relation("b")),
    )
    assert package.recommends == ((Relation("ca-certificates"),),)
    assert package.provides == (Relation("transfer", "=", "3"), Relation("other"))


def test_what_sizes_do_not_need_is_not_kept() -> None:
    text = "Package: a\nDescription: b\n c\nTag: d\nDepends: e\n\nPackage: f\n"
    assert "".join(kept_lines(text.splitlines())) == "Package: a\nDepends: e\n\nPackage: f\n"


@pytest.mark.parametrize(
    "text", ["", "Package: a", "Package: \nVersion: 1", "Package: a\nVersion: 1\nInstalled-Size: -1", ":\n::", "\x00"]
)
def test_what_is_no_package_is_none(text: str) -> None:
    assert package_of(text) is None or "Installed-Size" not in text


@given(st.text("Package: Version\n:,|()<>=ab1 \x00", max_size=200))
def test_any_text_makes_an_index(text: str) -> None:
    index = index_of(text, "Package: a\nVersion: 1\nDepends: " + text.replace("\n", " "))
    assert [package.name for package in closure(index, ["a"], recommends=True, present=frozenset()).packages]


def test_the_newest_version_is_taken() -> None:
    index = index_of(listed("a 1.9", "a 1.10~rc1"), listed("a 1.10"))
    package = index.get("a")
    assert package is not None
    assert package.version == "1.10"


def test_dependencies_come_with_a_package_and_recommendations_if_wanted() -> None:
    index = index_of(listed("a\nPre-Depends: b\nDepends: c\nRecommends: d", "b\nRecommends: e", "c", "d", "e"))
    assert names(index, "a") == ["a", "b", "c"]
    assert names(index, "a", recommends=True) == ["a", "b", "c", "d", "e"]


def test_what_is_there_does_not_come_again() -> None:
    index = index_of(listed("a\nDepends: b, c", "b\nDepends: d", "c", "d"))
    assert names(index, "a", present=("b",)) == ["a", "c"]
    assert names(index, "a", present=("a", "b")) == []


def test_the_first_alternative_comes_unless_another_is_there() -> None:
    index = index_of(listed("a\nDepends: x | b | c", "b", "c"))
    assert names(index, "a") == ["a", "b"]
    assert names(index, "a", present=("c",)) == ["a"]
    assert names(index, "c", "a") == ["c", "a"]


def test_an_alternative_of_the_wrong_version_is_passed_over() -> None:
    index = index_of(listed("a\nDepends: b (>= 2) | c", "b 1", "c"))
    assert names(index, "a") == ["a", "c"]


def test_a_virtual_package_is_stood_in_for() -> None:
    index = index_of(
        listed("a\nDepends: awk", "gawk\nProvides: awk", "mawk\nPriority: required\nProvides: awk", "m\nDepends: awk")
    )
    assert names(index, "a") == ["a", "mawk"]
    assert names(index, "awk") == ["mawk"]
    assert names(index, "a", present=("gawk",)) == ["a"]


def test_a_virtual_package_has_a_version_only_if_it_says_so() -> None:
    index = index_of(listed("a\nDepends: v (>= 2)", "b\nProvides: v", "c\nProvides: v (= 2.1)", "d\nProvides: v (= 1)"))
    assert names(index, "a") == ["a", "c"]


def test_dependencies_in_a_circle_end() -> None:
    index = index_of(listed("a\nDepends: b", "b\nDepends: c", "c\nDepends: a, b, c"))
    assert names(index, "a") == ["a", "b", "c"]


def test_a_chain_of_any_length_is_followed() -> None:
    count = 20_000
    index = index_of(listed(*(f"p{number}\nDepends: p{number + 1}" for number in range(count))))
    assert len(names(index, "p0")) == count


def test_what_the_list_does_not_have_is_told() -> None:
    found = closure(index_of(listed("a")), ["a", "b", "", "a b"], recommends=False, present=frozenset())
    assert found.missing == ("b", "", "a b")


def test_a_minimal_system() -> None:
    index = index_of(
        listed("a\nEssential: yes", "b\nPriority: required", "c\nPriority: optional", "apt", "usr-is-merged")
    )
    assert set(index.base()) == {"a", "b", "apt", "usr-is-merged"}


def test_a_list_without_packages_is_read_in_no_time() -> None:
    index = index_of("\nEssential: yes\nProvides: a" * 300_000)
    assert index.base() == ()
    assert names(index, "a") == []


def test_a_package_that_does_not_tell_its_size_is_judged_by_the_bytes_that_are_sent() -> None:
    package = package_of("Package: libc6-sparc64-cross\nVersion: 1\nSize: 1000000\n")
    assert package is not None
    setting = Setting(is_small=True, has_python=False, measured=lambda _name: None)
    (weighed,) = weigh([package], setting).packages
    assert weighed.size == 4_500_000


@pytest.mark.parametrize(("is_small", "size"), [(True, 20_480), (False, 999_424)])
def test_small_images_leave_out_what_is_documentation(is_small: bool, size: int) -> None:
    package = package_of("Package: nodejs-doc\nVersion: 1\nInstalled-Size: 1000\nSection: universe/doc\n")
    assert package is not None
    setting = Setting(is_small, has_python=False, measured=lambda _name: None)
    weighed = weigh([package], setting)
    assert weighed.packages[0].size == size
    assert weighed.size.high is not None
    assert weighed.size.high > 1_000_000
