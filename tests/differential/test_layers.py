"""Predicted layers against fresh builds of a running engine: files with sizes and modes, whiteouts, refusals."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from dockerlint.image.catalogue import lookup
from dockerlint.layers.image import Image
from dockerlint.layers.predict import predict
from dockerlint.semantics.builder import build_model
from dockerlint.semantics.options import BuildOptions
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from tests.differential.compare import differences
from tests.differential.contexts import write_files
from tests.differential.engine import build, require_engine

pytestmark = [pytest.mark.engine, pytest.mark.slow]

DEBIAN = "FROM debian:bookworm-slim\n"

CASES: Mapping[str, str] = {
    "file to name and folder": "FROM scratch\nCOPY a.txt /x\nCOPY a.txt /y/\nCOPY a.txt b.bin /z/\n",
    "folder and its content": "FROM scratch\nCOPY dir /d\nCOPY dir/ web /e/\nCOPY . /all\n",
    "wildcards": "FROM scratch\nCOPY *.txt /t/\nCOPY */*.txt /u/\nCOPY *.none /v/\nCOPY ?.bin /one\n",
    "wildcard in the middle": "FROM scratch\nCOPY d*/deep /d/\nCOPY [ab].* /e/\n",
    "modes": "FROM scratch\nCOPY --chmod=750 dir /d/\nCOPY --chmod=u+s,go= run.sh /r/\nCOPY run.sh /\n",
    "exclude": "FROM scratch\nCOPY --exclude=deep --exclude=*.css dir web /d/\n",
    "exclude and take back": "FROM scratch\nCOPY --exclude=* --exclude=!c.txt dir /d/\n",
    "overwritten": "FROM scratch\nCOPY a.txt /f\nCOPY b.bin /f\nCOPY dir /dir\nCOPY web /dir\n",
    "into a folder of the base": f"{DEBIAN}COPY a.txt /usr/local/bin\nCOPY a.txt /opt\nCOPY b.bin /etc/a.txt\n",
    "several to one name": "FROM scratch\nCOPY a.txt b.bin /f\n",
    "working directory": "FROM scratch\nWORKDIR /w/x\nCOPY a.txt .\nCOPY dir ./\nWORKDIR y\nCOPY a.txt ../up\n",
    "from a stage": (
        "FROM scratch AS s\nCOPY dir /d\nCOPY a.txt /\nFROM scratch\nCOPY --from=s /d /\nCOPY --from=s / /all/\n"
    ),
    "from a stage by pattern": "FROM scratch AS s\nCOPY . /\nFROM scratch\nCOPY --from=0 /*.txt /web/c* /t/\n",
    "links of a stage": (
        f"{DEBIAN[:-1]} AS s\nRUN mkdir /l && cd /l && echo 1 > f && ln -s f g && ln -s ../l h\n"
        "FROM scratch\nCOPY --from=s /l /l\nCOPY --from=s /l/g /g\nCOPY --from=s /l/h /i/\n"
    ),
    "heredocs": "FROM scratch\nARG X=abc\nCOPY <<A <<'B' a.txt /h/\n$X\nA\n$X\nB\nADD --chmod=600 <<C /c\n\nC\n",
    "make, copy, move": (
        f"{DEBIAN}RUN mkdir -p /m/a && echo hello > /m/a/f && cp /m/a/f /m/g && mv /m/g /m/h\n"
        "RUN mv /m/a /m/b && cp -r /m/b /m/c && rm /m/h\nRUN cp -a /m/. /n && rm -rf /m\n"
    ),
    "remove and make again": (
        f"{DEBIAN}COPY dir /d\nRUN rm -rf /d/deep && mkdir /d/deep && echo 1 > /d/deep/new\n"
        "RUN rm /d/c.txt && touch /d/c.txt\nRUN rm -rf /d/* && rmdir /d\n"
    ),
    "chmod and chown": (
        f"{DEBIAN}COPY dir /d\nRUN chmod -R go-rwx /d && chown 5:6 /d/c.txt\nRUN chmod 4711 /d/deep/e.txt\n"
        "RUN chmod a+x /d && chgrp -R 9 /d/deep\n"
    ),
    "links": (f"{DEBIAN}RUN echo 1 > /f && ln /f /g && ln -s /f /h && ln -sf g /h\nRUN rm /f\nRUN echo 22 >> /h\n"),
    "redirections": (
        f"{DEBIAN}RUN {{ echo a; echo bb; }} > /f; printf 'x%sy\\n' 1 2 >> /f; cat /f /f > /g; echo -n > /e\n"
        "RUN cat <<EOF | tee /h /i >/dev/null\nsome text\nEOF\nRUN echo 1 | tee -a /f\n"
    ),
    "sized files": (
        f"{DEBIAN}RUN head -c 3k /dev/zero > /a; truncate -s 1M /b; dd if=/dev/zero of=/c bs=512 count=3\n"
        "RUN for n in 1 2 3; do head -c 10 /dev/zero > /f$n; done\n"
    ),
    "install": (
        f"{DEBIAN}COPY . /s\nRUN install -D -m 640 /s/a.txt /i/x/a && install -d -m 700 /j && install /s/run.sh /j/\n"
    ),
    "directories and subshells": (
        f"{DEBIAN}WORKDIR /w\nRUN mkdir x && cd x && touch a && (cd / && touch rooted) && touch b\nRUN touch c\n"
    ),
    "another user": (f"{DEBIAN}RUN mkdir -m 777 /w\nUSER 1234\nWORKDIR /w/x\nRUN echo 1 > f && mkdir d && touch d/e\n"),
    "missing source": "FROM scratch\nCOPY nothing /x\n",
    "ignored source": "FROM scratch\nCOPY ignored /x\n",
    "missing in a stage": "FROM scratch AS s\nCOPY a.txt /\nFROM scratch\nCOPY --from=s /b /\n",
    "file in the way": "FROM scratch\nCOPY a.txt /x\nCOPY dir /x/y/\n",
    "folder onto a file": "FROM scratch\nCOPY a.txt /x\nCOPY dir /x\n",
    "file onto a folder": "FROM scratch\nCOPY dir /d/a.txt\nCOPY a.txt /d/\n",
}


def predicted(folder: Path, text: str) -> Image:
    source = Source("Dockerfile", text)
    return predict(build_model(parse(source), BuildOptions(context=str(folder)), lookup))


@pytest.mark.parametrize("name", CASES)
def test_layers_are_those_that_the_engine_builds(name: str, tmp_path: Path) -> None:
    require_engine()
    write_files(tmp_path, CASES[name])
    image = predicted(tmp_path, CASES[name])
    built = build(tmp_path)
    if isinstance(built, str):
        assert image.problems, built
    else:
        assert list(differences(image, built)) == []
