"""The image configuration after the target's chain of stages, as BuildKit writes it.

A SHELL instruction shows in it only if it was given. ENTRYPOINT clears an inherited CMD unless its own stage
has set one before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from dockerlint.layers.history import (
    exposed_ports,
    healthcheck_retries,
    healthcheck_times,
    healthcheck_words,
    start_words,
)
from dockerlint.layers.image import ImageConfig, Traced
from dockerlint.semantics.stages import FileSource, SourceKind, Step
from dockerlint.semantics.state import DEFAULT_PATH
from dockerlint.syntax.tree import (
    Cmd,
    Entrypoint,
    Env,
    Expose,
    Healthcheck,
    Instruction,
    Label,
    Maintainer,
    Onbuild,
    Shell,
    Stopsignal,
    User,
    Volume,
    Word,
    Workdir,
)
from dockerlint.unknown import Unknown

_HEALTHCHECK_KEYS = {
    "interval": "Interval",
    "timeout": "Timeout",
    "start-period": "StartPeriod",
    "start-interval": "StartInterval",
}


def final_config(base: FileSource | None, trace: Iterable[Traced]) -> ImageConfig:
    """The configuration after the steps of the chain, from what is known of the base image."""
    config = _of_base(base)
    stage, cmd_set = None, False
    for traced in trace:
        if traced.stage is not stage:
            # The triggers that a stage hands to its child are used up there.
            config = replace(config, on_build=())
            stage, cmd_set = traced.stage, False
        if isinstance(traced.step.node, Entrypoint) and not cmd_set:
            config = replace(config, cmd=None)
        cmd_set = cmd_set or isinstance(traced.step.node, Cmd)
        config = _after(config, traced.step)
    return config


def _of_base(base: FileSource | None) -> ImageConfig:
    if base is None:
        return ImageConfig()
    if base.kind is SourceKind.SCRATCH:
        return ImageConfig(env={"PATH": DEFAULT_PATH}, workdir="/")
    if base.facts is None:
        return ImageConfig()
    facts = base.facts
    # The builder writes PATH down where the base has none.
    path = {"PATH": DEFAULT_PATH} if facts.complete_environment and not facts.windows else {}
    env = {**path, **facts.environment}
    return ImageConfig(
        env={name: value for name, value in env.items() if value is not None},
        cmd=facts.command,
        entrypoint=facts.entrypoint,
        workdir="" if facts.workdir == "/" else facts.workdir,
        user=facts.user,
        exposed=facts.exposed,
        volumes=facts.volumes,
        labels=facts.labels,
        stop_signal=facts.stop_signal,
        healthcheck=facts.health or None,
        shell=facts.shell or (),
    )


def _after(config: ImageConfig, step: Step) -> ImageConfig:
    for kind, change in _CHANGES:
        if isinstance(step.node, kind):
            return change(config, step, step.node)
    return config


def _value(step: Step, word: Word) -> str | None:
    value = step.expand(word).value
    return value if isinstance(value, str) else None


def _values(step: Step, words: Iterable[Word]) -> list[str]:
    return [_value(step, word) or "" for word in words]


def _known(value: str | Unknown) -> str:
    return value if isinstance(value, str) else ""


def _pairs(step: Step, node: Env | Label) -> dict[str, str]:
    pairs = ((_value(step, pair.key), _value(step, pair.value)) for pair in node.pairs)
    return {key: value for key, value in pairs if key is not None and value is not None}


def _added(names: tuple[str, ...], new: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*names, *(name for name in new if name))))


def _healthcheck(node: Healthcheck) -> dict[str, object]:
    check: dict[str, object] = {"Test": list(healthcheck_words(node))}
    check.update({_HEALTHCHECK_KEYS[name]: time for name, time in healthcheck_times(node).items() if time})
    if retries := healthcheck_retries(node):
        check["Retries"] = retries
    return check


def _trigger_text(node: Onbuild) -> str:
    """What a child build will read: the instruction as written, bodies of heredocs below it."""
    text = node.trigger.line.text
    return text + "".join(f"\n{heredoc.content}{heredoc.name}" for heredoc in node.heredocs)


#: What each kind of instruction does to the configuration.
_CHANGES: tuple[tuple[type[Instruction], Callable[[ImageConfig, Step, Any], ImageConfig]], ...] = (
    (Env, lambda config, step, node: replace(config, env={**config.env, **_pairs(step, node)})),
    (Label, lambda config, step, node: replace(config, labels={**config.labels, **_pairs(step, node)})),
    (Cmd, lambda config, step, node: replace(config, cmd=start_words(node.command, step) or None)),
    (Entrypoint, lambda config, step, node: replace(config, entrypoint=start_words(node.command, step) or None)),
    (Workdir, lambda config, step, _: replace(config, workdir=_known(step.after.workdir))),
    (User, lambda config, step, node: replace(config, user=_value(step, node.user) or "")),
    (Expose, lambda config, step, node: replace(config, exposed=_added(config.exposed, exposed_ports(step, node)))),
    (Volume, lambda config, step, node: replace(config, volumes=_added(config.volumes, _values(step, node.paths)))),
    (Stopsignal, lambda config, step, node: replace(config, stop_signal=_value(step, node.signal) or "")),
    (Healthcheck, lambda config, _, node: replace(config, healthcheck=_healthcheck(node))),
    (Shell, lambda config, step, _: replace(config, shell=step.after.shell)),
    (Onbuild, lambda config, _, node: replace(config, on_build=(*config.on_build, _trigger_text(node)))),
    (Maintainer, lambda config, _, node: replace(config, author=node.maintainer.text)),
)
