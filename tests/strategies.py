"""Hypothesis strategies for texts that programs read: Dockerfiles, things like Dockerfiles, and hostile text."""

from __future__ import annotations

from hypothesis import strategies as st

from dockerlint.syntax.keywords import SHAPES

_KEYWORDS = st.sampled_from([*SHAPES, *(name.lower() for name in SHAPES), "Copy", "FROMM", "INCLUDE", "--", "\\"])

#: Pieces that mean something somewhere in a Dockerfile, and characters that readers are apt to get wrong.
_PIECES = st.sampled_from(
    [
        *" \t\v\f\r\n\\`'\"#=[]{}$<-,:/@|&;%*?!~",
        *("\\\n", "\\ \n", "\\\\\n", "`\n", "\\\r\n", "\\\n# c\n", "\\\n\n", "  "),
        *("<<EOF", "<<-EOF", "<<'EOF'", '<<"E F"', "<< EOF", "<<$E", "3<<EOF", "<<<", "\nEOF\n", "\n\tEOF\n", "\nEOF"),
        *('["a", "b"]', '["a",', "['a']", "[]", "[1]", '["\\u00e9"]', '[ "a" ] x', "[ -f x ]"),
        *("$a", "${a}", "${a:-$b}", "${a#*x}", "${a//x/y}", "${a", "${}", "${a:?m}", "$1", "\\$a"),
        *(
            "a",
            "b",
            "a=b",
            'a="b c"',
            "a='b",
            "=",
            "k v",
            "é",
            "😀",
            "\u2028",
            "\x85",
            "\xa0",
            "\ufeff",
            "\x00",
            "\ud800",
        ),
        *(
            "--from=a",
            "--from=0",
            "--link",
            "--chmod=u+x",
            "--platform=$p",
            "--mount=type=cache,target=/x",
            "--x='a b'",
        ),
        *(
            "--interval=5s",
            "--mount=from=a,target=/",
            "AS",
            "as a",
            "NONE",
            "CMD",
            "cmd x",
            "8080/tcp",
            "80-70",
            "SIGTERM",
        ),
        *("https://example.com/a", "git@github.com:a/b", "debian:12", "scratch", "a", "b", "C:\\", "/bin/sh"),
    ]
)
_HEADERS = st.sampled_from(
    [
        *("", "", "", "\ufeff", "# escape=`\n", "#escape=\\\n", "# syntax=docker/dockerfile:1\n", "# check=skip=all\n"),
        *("#!/bin/sh\n", " # escape=`\n", "//syntax=x\n", "# x=y\n", "\n", "# escape=x\n", "# check=error=maybe;\n"),
    ]
)
_LINES = st.builds(
    lambda keyword, gap, pieces, end: keyword + gap + "".join(pieces) + end,
    _KEYWORDS,
    st.sampled_from([" ", " ", " ", "\t", "", " \\\n"]),
    st.lists(st.builds(lambda piece, gap: piece + gap, _PIECES, st.sampled_from(["", " "])), max_size=8),
    st.sampled_from(["\n", "\n", "\r\n", "", "\\\n"]),
)


def dockerfile_texts() -> st.SearchStrategy[str]:
    """Texts with the parts of Dockerfiles, in orders that make sense or not."""
    return st.builds(
        lambda headers, first, lines: "".join([*headers, first, *lines]),
        st.lists(_HEADERS, max_size=3),
        st.sampled_from(["FROM a\n", "FROM a AS b\n", "ARG a=b\nFROM $a\n", ""]),
        st.lists(_LINES, max_size=6),
    )


def hostile_texts() -> st.SearchStrategy[str]:
    """Any text: of any characters, lone surrogates included, and of pieces of Dockerfiles without their lines."""
    return st.one_of(st.text(), st.lists(_PIECES, max_size=30).map("".join))


def texts() -> st.SearchStrategy[str]:
    """What may stand in a file that somebody calls a Dockerfile."""
    return st.one_of(dockerfile_texts(), hostile_texts())
