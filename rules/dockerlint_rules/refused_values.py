"""Values that the builder refuses: names, ports, signals, modes, mounts, and variables that cannot be expanded."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint.finding import Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.syntax.tree import Problem


@rule(
    "DL1014",
    "invalid-variable-expansion",
    on=Problem,
    severity=Severity.ERROR,
    supersedes=("DL5005", "DL5006", "DL5007"),
    aliases=("DL1000",),
    tags=("variables",),
)
def invalid_variable_expansion(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """An instruction has variables or quotes that the builder cannot make sense of.

    ## Why
    The builder expands variables itself, in all instructions but RUN, CMD, ENTRYPOINT and HEALTHCHECK, and it knows
    less than a shell does: `${NAME}`, defaults, `:+` and `:?`, and the removal and replacement of patterns. A missing
    brace, an operator of another language, a quote that is never closed, or a variable that `:?` demands and nobody
    sets, ends the build.

    ## Bad
        FROM debian:12.7-slim
        ARG VERSION=1.0
        ENV RELEASE=${VERSION^^}

    ## Good
        FROM debian:12.7-slim
        ARG VERSION=1.0
        ENV RELEASE=${VERSION:-latest}

    ## See
    - https://docs.docker.com/reference/dockerfile/#environment-replacement
    """
    yield ctx.problem(problem)


@rule(
    "DL1016",
    "invalid-image-reference",
    on=Problem,
    severity=Severity.ERROR,
    supersedes=("DL5007",),
    aliases=("DL1000",),
    tags=("base-image",),
)
def invalid_image_reference(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """The image of a FROM is blank or cannot be the name of an image.

    ## Why
    Names of images are in lower case, tags have up to 128 letters, digits, `_`, `.` and `-`, and a digest has the
    length of its algorithm. The builder refuses anything else before it asks a registry. Mostly a variable has no
    value, or a placeholder was never replaced.

    Where a global ARG without a default decides, the name is not known, and nothing is reported.

    ## Bad
        FROM Debian:12.7-slim

    ## Good
        FROM debian:12.7-slim

    ## See
    - https://docs.docker.com/reference/dockerfile/#from
    - https://docs.docker.com/reference/build-checks/invalid-default-arg-in-from/
    """
    yield ctx.problem(problem)


@rule(
    "DL1017",
    "invalid-mount-option",
    on=Problem,
    severity=Severity.ERROR,
    aliases=("DL1000",),
    tags=("syntax",),
)
def invalid_mount_option(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """A `--mount` of RUN has an option that is unknown, malformed or contradicts another.

    ## Why
    Each type of mount has its own options: `sharing` is for caches, `required` for secrets and SSH agents, `size` for
    tmpfs. The builder refuses an option of another type, a wrong value, and a mount without a target that needs one.
    A blank after a comma cuts the flag in two.

    ## Bad
        FROM debian:12.7-slim
        RUN --mount=type=cache,destination=/var/cache/apt,shared=locked apt-get update

    ## Good
        FROM debian:12.7-slim
        RUN --mount=type=cache,destination=/var/cache/apt,sharing=locked apt-get update

    ## See
    - https://docs.docker.com/reference/dockerfile/#run---mount
    """
    yield ctx.problem(problem)


@rule(
    "DL1018",
    "invalid-healthcheck",
    on=Problem,
    severity=Severity.ERROR,
    aliases=("DL1000",),
    tags=("syntax",),
)
def invalid_healthcheck(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """A HEALTHCHECK is neither NONE nor CMD with a command, or has a time that is too short.

    ## Why
    The first word after the flags says what the check is. A command without `CMD` before it, `CMD` without a command,
    or words after `NONE` stop the build, and so do times between zero and one millisecond.

    ## Bad
        FROM nginx:1.27-alpine
        HEALTHCHECK wget -q -O /dev/null http://localhost/

    ## Good
        FROM nginx:1.27-alpine
        HEALTHCHECK CMD wget -q -O /dev/null http://localhost/

    ## See
    - https://docs.docker.com/reference/dockerfile/#healthcheck
    """
    yield ctx.problem(problem)


@rule(
    "DL1019",
    "invalid-stop-signal",
    on=Problem,
    severity=Severity.ERROR,
    supersedes=("DL5005",),
    aliases=("DL1000",),
    tags=("syntax",),
)
def invalid_stop_signal(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """STOPSIGNAL names a signal that does not exist.

    ## Why
    `docker stop` sends this signal to ask the container to end. The builder takes a number, or a name with or without
    `SIG` in any case, and refuses all others.

    ## Bad
        FROM nginx:1.27-alpine
        STOPSIGNAL SIGQIUT

    ## Good
        FROM nginx:1.27-alpine
        STOPSIGNAL SIGQUIT

    ## See
    - https://docs.docker.com/reference/dockerfile/#stopsignal
    """
    yield ctx.problem(problem)


@rule(
    "DL1020",
    "invalid-port",
    on=Problem,
    severity=Severity.ERROR,
    aliases=("DL1000", "dockerfilelint/invalid_port"),
    tags=("ports",),
)
def invalid_port(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """EXPOSE has an argument that is no port.

    ## Why
    A port is a number or a range of them, with `/tcp`, `/udp` or `/sctp` after it if needed. The builder refuses names
    of services, unknown protocols, ranges that run backwards, and also the words of a comment on the same line, since
    `#` begins a comment only at the start of a line. Numbers above 65535 are DL3011.

    ## Bad
        FROM nginx:1.27-alpine
        EXPOSE 80/http

    ## Good
        FROM nginx:1.27-alpine
        EXPOSE 80/tcp

    ## See
    - https://docs.docker.com/reference/dockerfile/#expose
    """
    yield ctx.problem(problem)


@rule(
    "DL1021",
    "malformed-key-value",
    on=Problem,
    severity=Severity.ERROR,
    aliases=("DL1000", "dockerfilelint/invalid_format"),
    tags=("variables",),
)
def malformed_key_value(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """ENV, LABEL or ARG has a word that is no pair of a name and a value.

    ## Why
    `ENV A=1 B=2` sets as many variables as there are words, so a value with blanks needs quotes: the builder refuses a
    word without `=` after the first. A name alone, and a value without a name, are refused too.

    ## Bad
        FROM debian:12.7-slim
        ENV GREETING=good morning

    ## Good
        FROM debian:12.7-slim
        ENV GREETING="good morning"

    ## See
    - https://docs.docker.com/reference/dockerfile/#env
    - https://docs.docker.com/reference/dockerfile/#label
    """
    yield ctx.problem(problem)


@rule(
    "DL1023",
    "invalid-file-mode",
    on=Problem,
    severity=Severity.ERROR,
    aliases=("DL1000",),
    tags=("copy",),
)
def invalid_file_mode(problem: Problem, ctx: RuleContext) -> Iterator[Finding]:
    """The `--chmod` of COPY or ADD is no file mode.

    ## Why
    The builder takes an octal number up to 7777, or changes in the form of the command chmod, such as `u=rwX,go=rX`. It
    refuses anything else when it comes to the instruction, which may be late in a long build.

    ## Bad
        FROM debian:12.7-slim
        COPY --chmod=0x755 start.sh /usr/local/bin/

    ## Good
        FROM debian:12.7-slim
        COPY --chmod=755 start.sh /usr/local/bin/

    ## See
    - https://docs.docker.com/reference/dockerfile/#copy---chown---chmod
    """
    yield ctx.problem(problem)
