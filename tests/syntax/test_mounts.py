from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlint.syntax.invalid import Invalid
from dockerlint.syntax.mounts import Mount, MountType, Sharing, mount_target, parse_mount, split_mount

VALUES = st.sampled_from(
    ["", "/x", "bind", "cache", "tmpfs", "secret", "ssh", "a", "1", "true", "64m", "locked", "$X", '"']
)
KEYS = st.sampled_from(
    [
        "type",
        "from",
        "source",
        "src",
        "target",
        "dst",
        "ro",
        "rw",
        "id",
        "sharing",
        "size",
        "required",
        "mode",
        "uid",
        "env",
        "?",
    ]
)
OPTIONS = st.one_of(KEYS, st.tuples(KEYS, VALUES).map("=".join))
LINES = st.one_of(st.lists(OPTIONS, max_size=6).map(",".join), st.text(max_size=30))


def mount(text: str) -> Mount:
    value = parse_mount(text)
    assert not isinstance(value, Invalid), value
    return value


def problem(text: str, workdir: str = "/") -> Invalid:
    value = parse_mount(text)
    if not isinstance(value, Invalid):
        target = mount_target(value, workdir)
        assert isinstance(target, Invalid), value
        return target
    return value


@pytest.mark.parametrize(
    "text",
    [
        "target=/x",
        "type=bind,target=/x",
        "type=bind,target=/x/",
        "type=bind,target=/x/..",
        "type=bind,target=/.",
        "type=bind,target=x",
        "TYPE=BIND,Target=/x",
        "type=bind,dst=/x",
        "type=bind,destination=/x",
        "type=bind,src=f,dst=/x",
        "type=bind,source=../../x,target=/x",
        "type=bind,source=,target=/x",
        "type=bind,target=/x,from=",
        "type=bind,target=/x,from=scratch",
        "type=bind,target=/x,rw",
        "type=bind,target=/x,target=/y",
        "type=bind,type=cache,target=/x",
        "type=bind,id=foo,target=/x",
        "type=tmpfs,target=/t,size=64MiB",
        "type=tmpfs,ro,target=/x",
        "type=tmpfs,target=/x,source=/y",
        "type=cache,target=/c,env=FOO",
        "type=cache,target=/x,sharing=Locked",
        "type=cache,target=/x,id=",
        "type=cache,target=/x,ro=T",
        "type=cache,target=/x,readwrite=false",
        "type=cache,target=/x,gid=1,uid=2,mode=0777",
        "type=cache,target=/x,from=scratch,source=/y",
        "type=secret,id=a",
        "type=secret,source=b",
        "type=secret,target=/b",
        "type=secret,id=a,target=/",
        "type=secret,id=a,required",
        "type=secret,required,id=a",
        "type=secret,id=a,required=TRUE",
        "type=secret,id=a,env=FOO",
        "type=secret,id=a,env=",
        "type=secret,id=a,mode=0400,uid=1,gid=2",
        "type=secret,id=a,mode=777777",
        "type=secret,id=a,uid=4294967295",
        "type=secret,ro,id=x",
        "type=ssh",
        "type=ssh,rw",
        "type=ssh,required",
        "type=ssh,target=/",
        "type=ssh,from=scratch",
        "type=ssh,target=/s,mode=0600",
        '"type=bind","target=/x,y"',
    ],
)
def test_mounts_the_engine_takes(text: str) -> None:
    assert not isinstance(mount_target(mount(text), "/"), Invalid)


@pytest.mark.parametrize(
    ("text", "guilty"),
    [
        ("", ""),
        ("type=bind", "type=bind"),
        ("type=cache", "type=cache"),
        ("type=tmpfs", "type=tmpfs"),
        ("type=bind,target=/", "target=/"),
        ("type=bind,target=.", "target=."),
        ("type=bind,target=..", "target=.."),
        ("type=bind,target=", "target="),
        ("type=binds,target=/x", "binds"),
        ("type=,target=/x", ""),
        ("type,target=/x", "type"),
        ("type=bind,targt=/x", "targt=/x"),
        ("type=bind,foo", "foo"),
        ("type=bind,target", "target"),
        ("type=bind,target=/x,read-only", "read-only"),
        ("type=bind,", ""),
        ("type=bind,,target=/x", ""),
        ("=,target=/x", "="),
        ("$K=/x", "$K=/x"),
        ("type=bind,target=/x,from", "from"),
        ("type=bind,target=/x,from=$X", "$X"),
        ("type=bind,target=/x,from=a$$", "a$$"),
        ("type=bind,target=/x,mode=0644", "mode=0644"),
        ("type=bind,target=/x,uid=1", "uid=1"),
        ("type=tmpfs,target=/x,gid=1", "gid=1"),
        ("type=bind,target=/x,sharing=shared", "sharing=shared"),
        ("type=cache,sharing=locked,type=bind,target=/x", "sharing=locked"),
        ("type=cache,target=/x,sharing=lock", "lock"),
        ("type=cache,target=/x,sharing=", ""),
        ("type=cache,target=/x,sharing", "sharing"),
        ("type=cache,target=/x,ro=yes", "yes"),
        ("type=cache,target=/x,mode=", ""),
        ("type=cache,target=/c,required", "required"),
        ("type=bind,target=/c,required=true", "required=true"),
        ("required,type=secret,id=a", "required"),
        ("size=1k,type=tmpfs,target=/t", "size=1k"),
        ("type=cache,target=/t,size=1k", "size=1k"),
        ("type=tmpfs,target=/t,size=-1", "-1"),
        ("type=secret", "type=secret"),
        ("type=secret,env=FOO", "type=secret,env=FOO"),
        ("type=secret,id=a,source=b", "source=b"),
        ("type=secret,id=a,required=yes", "yes"),
        ("type=secret,id=a,env", "env"),
        ("type=secret,id=a,from=scratch", "from=scratch"),
        ("type=secret,id=a,sharing=shared", "sharing=shared"),
        ("type=secret,id=a,mode=u=rw", "u=rw"),
        ("type=secret,id=a,mode=0o400", "0o400"),
        ("type=secret,id=a,uid=root", "root"),
        ("type=secret,id=a,uid=4294967296", "4294967296"),
        ("type=secret,id=a,uid", "uid"),
        ("type=ssh,source=x", "source=x"),
        ("type=ssh,sharing=shared", "sharing=shared"),
        ('target=/x"y', '"'),
        ('"target=/x', '"target=/x'),
        ('type=bind,"target=/x"z', "z"),
    ],
)
def test_mounts_the_engine_refuses(text: str, guilty: str) -> None:
    refused = problem(text)
    assert text[refused.start : refused.end] == guilty


def test_every_option_has_its_field() -> None:
    cache = mount("type=cache,id=apt,target=/var/cache/apt,sharing=locked,from=base,source=a,mode=0755,uid=1,gid=2,ro")
    assert (cache.type, cache.id, cache.sharing, cache.from_) == (MountType.CACHE, "apt", Sharing.LOCKED, "base")
    assert (cache.source, cache.mode, cache.uid, cache.gid, cache.read_only) == ("a", 0o755, 1, 2, True)
    assert mount("type=tmpfs,target=/t,size=1k").size == 1024
    secret = mount("type=secret,id=a,env=TOKEN,required")
    assert (secret.env, secret.required, secret.unknown) == ("TOKEN", True, frozenset())


@pytest.mark.parametrize(
    ("text", "read_only"),
    [
        ("target=/x", True),
        ("target=/x,rw", False),
        ("target=/x,rw=false", True),
        ("target=/x,ro=false", False),
        ("type=cache,target=/x", False),
        ("type=cache,target=/x,readonly", True),
        ("type=cache,target=/x,rw,ro", True),
        ("type=tmpfs,target=/x", False),
        ("type=secret,id=x", True),
    ],
)
def test_read_only(text: str, read_only: bool) -> None:
    assert mount(text).read_only is read_only


@pytest.mark.parametrize(
    ("text", "workdir", "target"),
    [
        ("target=/x", "/app", "/x"),
        ("target=/x/", "/app", "/x/"),
        ("target=x", "/app", "/app/x"),
        ("target=../x", "/app", "/x"),
        ("type=cache,target=.", "/app", "/app"),
        ("type=cache", "/app", "/app"),
        ("type=secret,id=a/b", "/app", "/run/secrets/b"),
        ("type=secret,id=a,target=/t", "/app", "/t"),
        ("type=secret,id=a,env=X", "/app", None),
        ("type=secret,id=a,env=X,target=/t", "/app", "/t"),
        ("type=ssh", "/app", None),
        ("type=ssh,target=/agent", "/app", "/agent"),
        ("type=cache,target=$X", "/app", None),
        ("type=$T,target=/x", "/app", None),
    ],
)
def test_where_a_mount_appears(text: str, workdir: str, target: str | None) -> None:
    assert mount_target(mount(text), workdir) == target


@pytest.mark.parametrize(
    ("text", "identity"),
    [
        ("type=cache,target=/a//b/", "/a/b"),
        ("type=cache,id=x,target=/a", "x"),
        ("type=secret,source=s", "s"),
        ("type=secret,target=/a/b", "b"),
        ("type=secret,id=i,target=/a/b", "i"),
        ("type=ssh", "default"),
        ("type=ssh,id=work", "work"),
        ("target=/x", ""),
    ],
)
def test_by_which_id_the_builder_knows_it(text: str, identity: str) -> None:
    assert mount(text).identity == identity


def test_without_expansion_a_value_with_a_variable_is_unknown() -> None:
    unknown = mount("type=cache,target=/c/$X,uid=$UID,sharing=${S},ro=$RO")
    assert unknown.unknown == {"target", "uid", "sharing", "readonly"}
    assert (unknown.target, unknown.uid, unknown.sharing, unknown.read_only) == ("/c/$X", None, None, None)


def test_checks_that_need_an_unknown_type_are_left_out() -> None:
    unknown = mount("type=$T,size=1k,required,sharing=locked,mode=0700")
    assert unknown.type is None
    assert unknown.read_only is None


def test_values_are_expanded_one_by_one_and_then_checked() -> None:
    values = {"$T": "CACHE", "$D": "/x,ro", "$M": "9", "$N": ""}

    def expand(text: str) -> str:
        return values.get(text, text)

    expanded = parse_mount("type=$T,target=$D", expand)
    assert isinstance(expanded, Mount)
    assert (expanded.type, expanded.target, expanded.read_only) == (MountType.CACHE, "/x,ro", False)
    refused = parse_mount("type=$T,target=/x,mode=$M", expand)
    assert isinstance(refused, Invalid)
    assert (refused.start, refused.end) == (23, 25)
    assert isinstance(parse_mount("type=$N,target=/x", expand), Invalid)


def test_expansion_may_leave_a_value_unknown() -> None:
    expanded = parse_mount("type=cache,target=/x,id=$X", lambda text: None if "$" in text else text)
    assert isinstance(expanded, Mount)
    assert (expanded.id, expanded.unknown) == ("$X", frozenset({"id"}))


def test_reading_the_instruction_looks_at_fields_and_from_only() -> None:
    fields = split_mount("type=nosuch,Target=/x,ro")
    assert not isinstance(fields, Invalid)
    assert [(field.key, field.option, field.value) for field in fields] == [
        ("type", "type", "nosuch"),
        ("target", "target", "/x"),
        ("ro", "readonly", None),
    ]
    assert isinstance(split_mount("from=$X"), Invalid)
    assert isinstance(split_mount('a"'), Invalid)


@given(LINES)
def test_fields_hold_what_is_written(text: str) -> None:
    fields = split_mount(text)
    if isinstance(fields, Invalid):
        assert 0 <= fields.start <= fields.end <= len(text)
        return
    for field in fields:
        assert 0 <= field.start <= field.value_start <= field.value_end == field.end <= len(text)
        if '"' not in text and field.value is not None:
            assert text[field.value_start : field.value_end] == field.value


@given(LINES, st.sampled_from(["/", "/app", ""]))
def test_any_text_has_an_answer_with_a_span_inside(text: str, workdir: str) -> None:
    value = parse_mount(text)
    target = value if isinstance(value, Invalid) else mount_target(value, workdir)
    if isinstance(target, Invalid):
        assert 0 <= target.start <= target.end <= len(text)


@given(LINES)
def test_expansion_that_changes_nothing_finds_at_least_as_much(text: str) -> None:
    if isinstance(parse_mount(text), Invalid):
        assert isinstance(parse_mount(text, lambda value: value), Invalid)
