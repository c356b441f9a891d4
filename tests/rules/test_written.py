"""What RUN, COPY and ADD write into files."""

from collections.abc import Iterator

import pytest

from dockerlint.finding import Finding, Severity
from dockerlint.rule import RuleContext, rule
from dockerlint.semantics.builder import build_model
from dockerlint.semantics.options import BuildOptions
from dockerlint.semantics.scripts import Scripts
from dockerlint.source import Source
from dockerlint.syntax.parser import parse
from dockerlint.syntax.tree import Instruction
from dockerlint_rules._runs import Placed
from dockerlint_rules._written import Written, written


@rule("DL9999", "example", on=Instruction, severity=Severity.INFO)
def _asking(_node: Instruction, _ctx: RuleContext) -> Iterator[Finding]:
    """A rule that asks."""
    return iter(())


def _written(instruction: str) -> tuple[Source, tuple[Written, ...]]:
    source = Source("Dockerfile", f"FROM a\n{instruction}\n")
    model = build_model(parse(source), BuildOptions())
    step = model.stages[0].steps[1]
    ctx = RuleContext(_asking, model, {}, Severity.INFO, Scripts(model.dockerfile), model.stages[0], step)
    return source, written(Placed(step.node, step), ctx)


@pytest.mark.parametrize(
    ("instruction", "expected"),
    [
        ("RUN echo a=1 > /f", [("/f", ["a=1"])]),
        ("RUN echo -e 'a\\nb' >> /f", [("/f", ["a", "b"])]),
        ("RUN echo 'deb [trusted=yes] http://a b' | tee -a /f", [("/f", ["deb [trusted=yes] http://a b"])]),
        ("RUN echo 'x' | sudo tee /f /g >/dev/null", [("/f", ["x"]), ("/g", ["x"])]),
        ("RUN { echo a; echo b; } > /f", [("/f", ["a"]), ("/f", ["b"])]),
        ("RUN (echo a && echo b) | tee /f", [("/f", ["a"]), ("/f", ["b"])]),
        ("RUN printf '[global]\\nx = %s\\n' $URL > ~/.conf", [("~/.conf", ["[global]", "x = $URL"])]),
        ("RUN printf '%s\\n' a b 100%% > /f", [("/f", ["a", "b", "100%%"])]),
        ("RUN <<EOF cat > /f\na\n\n b\nEOF", [("/f", ["a", " b"])]),
        ("RUN <<EOF\ncat <<X >/f\na\nX\nEOF", [("/f", ["a"])]),
        ("RUN tee /f <<EOF\na\nEOF", [("/f", ["a"])]),
        ("RUN sh -c 'echo a > /f'", [("/f", ["a"])]),
        ("RUN sed -i 's/a=1/a=0/; s,/x,/y,g' /f /g", [("/f", ["a=0", "/y"]), ("/g", ["a=0", "/y"])]),
        ("RUN sed -i '/^[main]/a a=1' /f", [("/f", ["a=1"])]),
        ("RUN sed -i -e '1i a=1' /f", [("/f", ["a=1"])]),
        ("RUN sed 's/a/b/' /f", []),
        ("RUN sed -i 's/a' /f", []),
        ("RUN echo a 2> /f", []),
        ("RUN x=$(echo a) > /f", []),
        ("RUN echo a | grep a > /f", []),
        ("COPY <<EOF /f\na\nEOF", [("/f", ["a"])]),
        ("COPY <<x <<y /d/\na\nx\nb\ny", [("/d/x", ["a"]), ("/d/y", ["b"])]),
        ("COPY a /f", []),
    ],
)
def test_what_is_written(instruction: str, expected: list[tuple[str, list[str]]]) -> None:
    _, found = _written(instruction)
    assert [(text.path, [line.text for line in text.lines]) for text in found] == expected


@pytest.mark.parametrize(
    "instruction",
    [
        "RUN echo -e '[x]\\ncheck=0' > /f",
        "RUN printf '[x]\\ncheck=0\\n' > /f",
        "RUN sed -i 's/check=1/check=0/' /f",
        "RUN cat <<EOF > /f\n[x]\ncheck=0\nEOF",
        "COPY <<EOF /f\n[x]\ncheck=0\nEOF",
    ],
)
def test_the_place_of_a_part_is_exact_where_it_stands_as_it_is(instruction: str) -> None:
    source, (text,) = _written(instruction)
    line = text.lines[-1]
    assert source.slice(line.place("check=0")) == "check=0"


def test_the_place_of_what_is_put_together_is_that_of_all_its_words() -> None:
    source, (text,) = _written("RUN echo check'='0   b > /f")
    assert source.slice(text.lines[0].place("check=0")) == "check'='0   b"
