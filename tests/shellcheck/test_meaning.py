"""ShellCheck is told what a Dockerfile says about a script: its shell, its variables, and what is meant."""

from __future__ import annotations

import pytest

from tests.shellcheck.real import codes, found, lint

TEST = 'RUN [[ -n "$HOME" ]]\n'
LOCAL = "RUN f() { local a; a=1; echo $a; }; f\n"
BASH = 'SHELL ["/bin/bash", "-o", "pipefail", "-c"]\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM debian:12\n", ["SC3010"]),
        ("FROM python:3.12\n", ["SC3010"]),
        ("FROM python:3.12-alpine3.20\n", []),
        ("FROM alpine:3.20\n", []),
        ("FROM registry.access.redhat.com/ubi9/ubi:9.4\n", []),
        ("FROM docker.io/library/fedora:40\n", []),
        ("FROM my.registry/base:1\n", ["SC3010"]),
        ("FROM scratch\n", ["SC3010"]),
        ("FROM alpine:3.20 AS a\nFROM a AS b\nFROM b\n", []),
        ('FROM debian:12\nSHELL ["/bin/bash", "-c"]\n', []),
        ('FROM debian:12\nSHELL ["/usr/bin/env", "bash", "-c"]\n', []),
        ('FROM debian:12\nSHELL ["bash", "-c"]\nARG A=1\nENV B=2\n', []),
        ('FROM debian:12 AS a\nSHELL ["/bin/bash", "-c"]\nFROM a\n', []),
        ('FROM debian:12 AS a\nSHELL ["/bin/bash", "-c"]\nFROM debian:12\n', ["SC3010"]),
        ('FROM alpine:3.20\nSHELL ["/bin/ash", "-c"]\n', []),
        ('FROM debian:12\nSHELL ["/bin/dash", "-c"]\n', ["SC3010"]),
        ('FROM debian:12\nSHELL ["/usr/bin/ksh", "-c"]\n', []),
        ('FROM debian:12\nSHELL ["/bin/zsh", "-c"]\n', []),
        ('FROM debian:12\nSHELL ["pwsh", "-Command"]\n', []),
        ("FROM debian:12\n# hadolint shell=bash\n", []),
        ("# dlint shell=/bin/bash\nFROM debian:12\n", []),
        ("FROM mcr.microsoft.com/windows/servercore:ltsc2022\n", []),
    ],
)
def test_the_dialect_is_that_of_the_shell_in_force(text: str, expected: list[str]) -> None:
    assert codes(text + TEST) == expected


WINDOWS = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
POWERSHELL = 'SHELL ["powershell", "-Command"]\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (WINDOWS, ["SC3010"]),
        (WINDOWS + POWERSHELL, []),
        (WINDOWS + POWERSHELL + "ENV A=1\n", ["SC3010"]),
        (WINDOWS + "ARG A=1\n" + POWERSHELL, []),
        (WINDOWS + "# hadolint shell=powershell\n", []),
    ],
)
def test_shells_of_windows_in_hadolints_profile(text: str, expected: list[str]) -> None:
    assert codes(text + TEST, as_hadolint=True) == expected
    assert codes(text + TEST) == []


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("#!/bin/bash", []),
        ("#!/usr/bin/env bash", []),
        ("#!/bin/sh", ["SC3010"]),
        ("#!/bin/sh -e", ["SC3010"]),
        ("#!/usr/bin/env python3", []),
        ("# text", ["SC3010"]),
        ("# shellcheck shell=bash", []),
        ("# text\n# shellcheck disable=SC3010", []),
        ("#!/bin/sh\n# shellcheck disable=SC3010", []),
        ("true\n# shellcheck disable=SC3010", []),
        ("# shellcheck disable=SC3010\ntrue", []),
    ],
)
def test_a_heredoc_says_by_itself_who_reads_it(first: str, expected: list[str]) -> None:
    assert codes(f'FROM debian:12\nRUN <<EOF\n{first}\n[[ -n "$HOME" ]]\nEOF\n') == expected


def test_in_the_manner_of_hadolint_every_sh_is_any_posix_shell() -> None:
    text = f"FROM alpine:3.20\n{TEST}{LOCAL}"
    assert codes(text) == []
    assert codes(text, as_hadolint=True) == ["SC3010", "SC3043"]
    assert codes(f"FROM my.registry/base:1\n{LOCAL}") == []


@pytest.mark.parametrize(
    ("above", "use", "expected"),
    [
        ("", "$a", ["SC2086", "SC2154"]),
        ("ARG a\n", "$a", ["SC2086"]),
        ("ARG b a\n", "$a", ["SC2086"]),
        ("ARG a=1\n", "$a", []),
        ("ENV a=1.2.3\n", "$a", []),
        ('ENV a="1 2"\n', "$a", ["SC2086"]),
        ("ENV a=*\n", "$a", ["SC2086"]),
        ("ENV a=\n", "$a", ["SC2086"]),
        ("ENV a=$UNKNOWN\n", "$a", ["SC2086"]),
        ("ENV a 1\n", "$a", []),
        ("ARG b=1\nENV a=$b\n", "$a", []),
        ("ENV a=1\nENV a='1 2'\n", "$a", ["SC2086"]),
        ("", '"$http_proxy"', []),
        ("", '"$A"', []),
    ],
)
def test_variables_of_the_build_are_known(above: str, use: str, expected: list[str]) -> None:
    assert codes(f"FROM debian:12\n{above}RUN touch {use}\n") == expected


def test_variables_come_from_the_stage_that_a_stage_is_from() -> None:
    text = 'FROM debian:12 AS a\nENV a=1\nARG b=1\nFROM a\nRUN touch $a $b $c\nFROM debian:12\nRUN : "$b"\n'
    assert found(text) == [("SC2086", 5, 17, "$c"), ("SC2154", 5, 17, "$c"), ("SC2154", 7, 8, "$b")]


def test_a_variable_that_the_image_keeps_is_not_unused() -> None:
    assert codes("FROM debian:12\nENV a=1\nRUN a=2; b=3\n") == ["SC2034"]


@pytest.mark.parametrize(
    ("shell", "expected"),
    [('["/bin/bash", "-c"]', ["SC2164"]), ('["/bin/bash", "-ec"]', []), ('["/bin/sh", "-eux", "-c"]', [])],
)
def test_a_shell_that_stops_at_errors_may_change_directory(shell: str, expected: list[str]) -> None:
    assert codes(f"FROM debian:12\nSHELL {shell}\nRUN cd /x; ls\n") == expected


@pytest.mark.parametrize(
    "command",
    [
        "apt-get install -y $a",
        "apt-get purge --auto-remove ${a}",
        "true && sudo apk add --no-cache $a",
        "apt-mark manual $a",
        "docker-php-ext-install $a",
        "make -j$(nproc)",
        "make -j `getconf _NPROCESSORS_ONLN`",
        ". ./venv/bin/activate",
    ],
)
def test_what_is_meant_is_not_reported(command: str) -> None:
    text = f"FROM debian:12\nARG a\nRUN {command}\n"
    assert not {"SC2086", "SC2046", "SC1090", "SC1091"}.intersection(codes(text))


def test_what_only_looks_like_a_list_is_reported() -> None:
    text = "FROM debian:12\nARG a\nRUN apt-get install -y x=$a && touch $a && make -j$(cat n)\n"
    assert codes(text) == ["SC2086", "SC2086", "SC2046"]
    assert codes("FROM debian:12\nARG a\nRUN apt-get install $a\n", as_hadolint=True) == ["SC2086"]


def test_a_template_is_not_held_to_be_a_broken_script() -> None:
    text = "FROM debian:12\nRUN true && \\\n  {{if foo(bar):x}} \\\n  && true\n"
    assert codes(text) == []
    assert "SC1054" in codes(text, as_hadolint=True)


@pytest.mark.parametrize(
    "text",
    ['RUN ["sh", "-c", "rm $a"]\n', "CMD rm $a\n", "RUN\n", "RUN <<EOF\nEOF\n", "RUN   \\\n\n", "COPY $a .\n"],
)
def test_other_instructions_are_not_scripts(text: str) -> None:
    assert codes(f"FROM debian:12\n{text}") == []


def test_no_text_is_too_strange() -> None:
    strange = "FROM debian:12\nRUN echo \0 \udc80 \ufeff $a\x0b\nRUN <<E\n\r\n$b\r\nE\nRUN " + "x " * 2_000 + "$c\n"
    result = lint(strange)
    assert result.error is None
    assert {"$a", "$b", "$c"} <= {result.source.slice(finding.span) for finding in result.findings}


def test_a_script_of_any_length_ends_in_a_word() -> None:
    result = lint("FROM debian:12\nRUN echo " + "x " * 20_000 + "\nRUN rm $a\n")
    assert result.error == "ShellCheck is given no script of more than 30,000 characters"
    assert [finding.code for finding in result.findings] == ["SC2086", "SC2154"]
