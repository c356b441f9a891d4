"""Random Dockerfiles for a fixed build context, drawn by hypothesis."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.differential.random_scripts import Files, quoted, script

_SOURCES = (
    *("a.txt", "b.bin", "run.sh", "dir", "dir/", "dir/deep", "web", "web/css/", ".", "*.txt", "d*/c.txt"),
    *("link", "*.none", "?.bin", "[ab].*", "./a.txt", "/dir/c.txt", "dir/../b.bin", "linked", "empty", "*/deep"),
)
_REFUSED = ("web/*", "dir/*.none", "no/*", "dead", "missing", "ignored/x", "dir/deep/d.log", "../a.txt", "a.txt/b")
_ARCHIVES = ("plain.tar", "packed.tar.gz", "packed.tbz", "packed.tar.zst", "packed.tar.xz", "fake.tar", "single.gz")
_DESTINATIONS = (
    "/w/",
    "/w/a/",
    "/v",
    "/x",
    "/x/y/",
    "rel",
    "rel/",
    ".",
    "./sub/",
    "/w/../z/",
    "/opt/",
    "/usr/local/bin",
)
_WORKDIRS = ("/w", "/w/a", "sub", "/", "../v", "/new/deep/", ".", "$DIR", "/p/../q")


@dataclass
class _Build:
    """What has been drawn of a file: its lines, and the files of the stages so far."""

    lines: list[str] = field(default_factory=list)
    stages: list[tuple[str, Files]] = field(default_factory=list)


def _transfer_flags(draw: DrawFn, *, has_users: bool) -> str:
    flags = []
    owners = ("5", "5:6", "0:0", "nobody", "daemon:bin", "$OWNER") if has_users else ("5", "5:6", "0:0")
    if draw(st.integers(0, 4)) == 0:
        flags.append(f"--chown={draw(st.sampled_from(owners))}")
    if draw(st.integers(0, 4)) == 0:
        flags.append(f"--chmod={draw(st.sampled_from(('644', '0755', '4711', 'u+x', 'go-r', 'a=rX,u+w', 'g+s')))}")
    if draw(st.integers(0, 8)) == 0:
        flags.append("--link")
    if draw(st.integers(0, 8)) == 0:
        flags.append(f"--exclude={draw(st.sampled_from(('*.txt', 'deep', '**/e.*', 'css/*', '*')))}")
    return "".join(f"{flag} " for flag in flags)


def _copy(draw: DrawFn, build: _Build, files: Files, *, has_users: bool) -> str:
    flags = _transfer_flags(draw, has_users=has_users)
    destination = draw(st.sampled_from(_DESTINATIONS))
    kind = draw(st.integers(0, 19))
    if kind == 0:
        return f"COPY {flags}{draw(st.sampled_from(_REFUSED))} {destination}"
    if kind <= 3:
        name = draw(st.sampled_from(_ARCHIVES))
        unpack = draw(st.sampled_from(("", "", "", "--unpack=false ")))
        return f"ADD {unpack}{flags}{name} {destination}"
    if kind <= 5:
        marker = draw(st.sampled_from(("<<A", "<<'A'", '<<-"A"', "<<-A")))
        more = draw(st.sampled_from(("", "a.txt ")))
        return f"COPY {flags}{more}{marker} /h/\n\tbody $DIR\n\t\\$x ${{NONE:-no}}\nA"
    if kind <= 10 and build.stages:
        name, there = draw(st.sampled_from(build.stages))
        paths = sorted(there.files | there.folders)
        guesses = () if there.has_shell and paths else ("/w", "/w/", "/*/f", "/w/*", "/h/A")
        source = draw(st.sampled_from((*guesses, *paths)))
        if " " in source:
            return f'COPY --from={name} {flags}["{source}", "{destination}"]'
        return f"COPY --from={name} {flags}{source} {destination}"
    count = draw(st.sampled_from((1, 1, 1, 2, 3)))
    sources = [draw(st.sampled_from(_SOURCES)) for _ in range(count)]
    if destination in ("/w/", "/w/a/"):
        files.add_folder(destination.rstrip("/"))
    word = draw(st.sampled_from(("COPY", "COPY", "COPY", "ADD", "copy")))
    if draw(st.integers(0, 5)) == 0:
        words = ", ".join(f'"{each}"' for each in (*sources, destination))
        return f"{word} {flags}[{words}]"
    return f"{word} {flags}{' '.join(sources)} {destination}"


def _run(draw: DrawFn, files: Files) -> str:
    text = script(draw, files)
    kind = draw(st.integers(0, 11))
    if kind == 0:
        return f"RUN <<EOF\n{text}\nEOF"
    if kind == 1 and '"' not in text and "\\" not in text:
        return f'RUN ["sh", "-c", "{text}"]'
    if kind == 2:
        return f"RUN --mount=type=tmpfs,target=/t echo 1 > /t/x && {text}"
    if kind == 3:
        return f"RUN --mount=type=cache,target=/cache/c touch /cache/c/x && {text}"
    if kind == 4:
        path = f"{draw(st.sampled_from(sorted(files.folders)))}/bound" if files.folders else "/bound"
        if path in files.folders:
            return f"RUN {text}"
        files.add_file(path)
        return f"RUN --mount=type=bind,source=dir,target=/mnt/x {text} && cp /mnt/x/c.txt {quoted(path)}"
    if kind == 5:
        return f"RUN set -eu; {text}"
    if kind == 6:
        return f"RUN <<EOF cat > /doc && {text}\nline $DIR\nEOF"
    return f"RUN {text}"


_SETTINGS = (
    "ENV DIR=/w/a NAME=value",
    "ENV DIR /v",
    'ENV QUOTED="a b" E=$NAME.x',
    "ARG DIR=/w",
    "ARG OWNER=7:8",
    "ARG UNSET",
    "ARG DIR",
    "LABEL a=b \"c d\"='e $NAME'",
    "EXPOSE 80 53/UDP 8000-8002 80",
    "VOLUME /w /data",
    'VOLUME ["/v", "/w a"]',
    "CMD echo $NAME",
    'CMD ["a", "b\\"c"]',
    "CMD []",
    'ENTRYPOINT ["x", "y"]',
    "ENTRYPOINT exec top",
    "ENTRYPOINT []",
    "STOPSIGNAL SIGUSR1",
    "HEALTHCHECK --interval=90s --retries=4 CMD true || false",
    "HEALTHCHECK NONE",
    "MAINTAINER some one <x@y>",
    'SHELL ["/bin/sh", "-ec"]',
    "ONBUILD COPY a.txt /onbuild/",
    "ONBUILD RUN echo $DIR > /onbuilt",
    "ONBUILD ENV TRIGGERED=yes",
    "ONBUILD WORKDIR /triggered",
    "STOPSIGNAL ${SIGNAL:-9}",
    "USER 1000:1000",
    "USER 0",
)


def _instruction(draw: DrawFn, build: _Build, files: Files, *, has_shell: bool) -> str:
    kind = draw(st.integers(0, 11))
    if kind <= 4 and has_shell:
        return _run(draw, files) if files.is_root else f"RUN touch /tmp/{draw(st.sampled_from('abc'))}"
    if kind <= 8:
        return _copy(draw, build, files, has_users=has_shell)
    if kind == 9:
        return f"WORKDIR {draw(st.sampled_from(_WORKDIRS))}"
    setting = draw(st.sampled_from(_SETTINGS))
    if setting.startswith("USER"):
        files.is_root = setting == "USER 0"
    return setting


def _stage(draw: DrawFn, build: _Build) -> None:
    """A stage, on one before it, on the base, or on nothing."""
    base = draw(
        st.sampled_from(
            ("debian:bookworm-slim", "debian:bookworm-slim", "scratch", *(name for name, _ in build.stages))
        )
    )
    files, has_shell = Files(), base == "debian:bookworm-slim"
    for name, there in build.stages:
        if name == base:
            files, has_shell = there.copied(), there.has_shell
    files.has_shell = has_shell
    name = f"s{len(build.stages)}"
    build.lines.append(f"FROM {base} AS {name}")
    if base == "scratch":
        # The engine cannot save an image without a layer.
        build.lines.append("COPY a.txt /first")
    if has_shell and base == "debian:bookworm-slim" and draw(st.booleans()):
        # From then on it is known what is there, and what is not.
        build.lines.append("RUN rm -rf /w /v && mkdir /w /v")
        files.add_folder("/w")
        files.add_folder("/v")
    for _ in range(draw(st.integers(1, 6))):
        build.lines.append(_instruction(draw, build, files, has_shell=has_shell))
    build.stages.append((name, files))


@st.composite
def dockerfiles(draw: DrawFn) -> str:
    """The text of a Dockerfile of one to three stages."""
    build = _Build()
    if draw(st.integers(0, 4)) == 0:
        build.lines.append("ARG DIR=/global")
    for _ in range(draw(st.sampled_from((1, 1, 2, 2, 3)))):
        _stage(draw, build)
    return "\n".join(build.lines) + "\n"
