"""Tree to model: the stages of a file with the state before each instruction, and who uses what.

Nothing is guessed: what depends on a base image that is not known, or on a variable that only the base could
set, is an `Unknown` with its reason. Behaviour follows BuildKit's converter; it resolves stages in file
order, so a FROM sees only the stages above it, while `--from` and mounts see all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import pairwise

from dockerlint.semantics.base_facts import BaseFacts, FactsLookup, no_facts
from dockerlint.semantics.checks import check_model
from dockerlint.semantics.model import Model
from dockerlint.semantics.options import BuildOptions
from dockerlint.semantics.platforms import platform_args
from dockerlint.semantics.stages import FileSource, SourceKind, Stage, Step, Use, UseKind
from dockerlint.semantics.state import DEFAULT_PATH, UNIX_SHELL, WINDOWS_SHELL, Environment, State, Value
from dockerlint.semantics.uses import StageNames, named_context, uses_of
from dockerlint.semantics.versions import Versioned
from dockerlint.syntax.image_references import parse_image_reference
from dockerlint.syntax.invalid import Invalid
from dockerlint.syntax.tree import (
    Arg,
    Broken,
    Dockerfile,
    Env,
    From,
    Instruction,
    Onbuild,
    Shell,
    User,
    Word,
    Workdir,
)
from dockerlint.syntax.words import expand
from dockerlint.unknown import Unknown

_WINDOWS_WORDS = ("nanoserver", "servercore")
_BASE_MAY_SET = Unknown("not set in this file, but the base image may set it")
_BASE_DIRECTORY = Unknown("the working directory of the base image is not known")
_BASE_USER = Unknown("the user of the base image is not known")


def build_model(dockerfile: Dockerfile, options: BuildOptions | None = None, facts: FactsLookup = no_facts) -> Model:
    """The model of a tree for a build. `facts` tells what is known of an image by its resolved reference."""
    return _Builder(dockerfile, options or BuildOptions(), facts).model()


class _Builder:
    def __init__(self, dockerfile: Dockerfile, options: BuildOptions, facts: FactsLookup) -> None:
        self._dockerfile = dockerfile
        self._options = options
        self._facts = facts
        self._escape = dockerfile.escape
        self._names = StageNames(options.named_contexts)
        self._stages: list[Stage] = []
        self._ends: list[State] = []  # of each stage, as it is handed on to the stages that are FROM it
        self._windows_target = options.platform.startswith("windows")
        target_stage = options.target or _last_stage_name(dockerfile.instructions) or "default"
        predefined = platform_args(options.build_platform, options.platform, target_stage)
        self._predefined: Mapping[str, Value] = predefined
        self._globals = State(Environment(predefined))

    def model(self) -> Model:
        head, bodies = _split(self._dockerfile.instructions)
        global_steps = tuple(self._global_step(node) for node in head)
        for nodes in bodies:
            self._stages.append(self._stage(len(self._stages), nodes))
        stages = tuple(self._with_uses(stage) for stage in self._stages)
        target = self._target(stages)
        model = Model(self._dockerfile, self._options, global_steps, self._globals, stages, target)
        return replace(model, problems=tuple(check_model(model)))

    def _target(self, stages: tuple[Stage, ...]) -> Stage | None:
        if self._options.target is None:
            return stages[-1] if stages else None
        index = self._names.index(self._options.target)
        return None if index is None else stages[index]

    def _with_uses(self, stage: Stage) -> Stage:
        uses = [use for step in stage.steps[1:] for use in uses_of(stage.index, step, self._names, self._facts)]
        node = stage.node
        if isinstance(node, From):
            uses.insert(0, Use(UseKind.FROM, stage.index, node, node.image, stage.base))
        return replace(stage, uses=tuple(uses))

    def _global_step(self, node: Instruction) -> Step:
        before = self._globals
        if isinstance(node, Arg):
            self._globals = self._declare(node, before, lambda _: None)
        return Step(node, before, self._globals, self._escape, self._windows_target)

    def _declare(self, node: Arg, state: State, handed_down: Callable[[str], Value | None]) -> State:
        """The state after an ARG. Each name gets its build argument, else its default, else what is handed down from
        outside; unlike those of ENV, later defaults see the names before them.
        """
        for declaration in node.declarations:
            name = declaration.name.text
            if name in self._options.build_args:
                value: Value | None = self._options.build_args[name]
            elif declaration.default is not None:
                value = self._value(declaration.default, state)
            else:
                value = handed_down(name)
            state = state.set_args({name: value})
        return state

    def _handed_down(self, name: str) -> Value | None:
        """What an ARG without a default gets in a stage: the global ARG of that name, or the predefined one."""
        value = self._globals.args.get(name)
        return self._predefined.get(name) if value is None else value

    def _value(self, word: Word, before: State, *, windows: bool = False) -> Value:
        return expand(word.text, before.environment, escape=self._escape, windows=windows).value

    def _stage(self, index: int, nodes: tuple[Instruction, ...]) -> Stage:
        node = nodes[0]
        assert isinstance(node, (From, Broken))
        base = self._base(node)
        name = node.stage_name.text.lower() if isinstance(node, From) and node.stage_name else None
        platform = self._platform(node)
        windows = self._is_windows(base, platform)
        start = self._start(base, windows)
        steps = [Step(node, self._globals, start, self._escape, windows)]
        triggered: list[Step] = []
        for trigger in self._triggers(base, node):
            step = self._step(trigger, triggered[-1].after if triggered else start, windows)
            triggered.append(replace(step, inherited=base.kind is not SourceKind.STAGE))
        state = triggered[-1].after if triggered else start
        for later in nodes[1:]:
            steps.append(self._step(later, state, windows))
            state = steps[-1].after
        self._names.add(index, name)
        self._ends.append(_handed_on(state, (*triggered, *steps)))
        return Stage(index, node, name, base, platform, windows, tuple(steps), tuple(triggered))

    def _platform(self, node: Instruction) -> Value | None:
        flag = node.flag("platform")
        return None if flag is None or flag.value is None else self._value(flag.value, self._globals)

    def _base(self, node: From | Broken) -> FileSource:
        if isinstance(node, Broken):
            return FileSource(SourceKind.UNKNOWN, Unknown("the FROM instruction is broken"))
        expansion = expand(node.image.text, self._globals.environment, escape=self._escape)
        text = expansion.value
        if expansion.error is not None:
            return FileSource(SourceKind.INVALID, node.image.text)
        if isinstance(text, Unknown):
            return FileSource(SourceKind.UNKNOWN, text)
        unset = [use.name for use in expansion.uses if not use.defined]
        if unset and all(name in self._globals.args for name in unset):
            return FileSource(SourceKind.UNKNOWN, Unknown(f"build argument {unset[0]} has no value"))
        if not text:
            return FileSource(SourceKind.INVALID, text)
        stage = self._names.earlier(text)
        if stage is not None and text not in self._options.named_contexts:
            return FileSource(SourceKind.STAGE, text, stage=stage)
        if text in self._options.named_contexts:
            return named_context(text, self._options.named_contexts[text], self._facts)
        if text == "scratch":
            return FileSource(SourceKind.SCRATCH, text)
        reference = parse_image_reference(text)
        if isinstance(reference, Invalid):
            return FileSource(SourceKind.INVALID, text)
        return FileSource(SourceKind.IMAGE, text, reference=reference, facts=self._facts(text))

    def _is_windows(self, base: FileSource, platform: Value | None) -> bool:
        if base.kind is SourceKind.STAGE and base.stage is not None:
            return self._stages[base.stage].windows
        if isinstance(platform, str):
            return platform.startswith("windows")
        if base.facts is not None:
            return base.facts.windows
        return self._windows_target or _is_windows_image(base)

    def _start(self, base: FileSource, windows: bool) -> State:
        """The state that a base hands down to the first instruction."""
        if base.kind is SourceKind.STAGE and base.stage is not None:
            return self._ends[base.stage]
        shell = WINDOWS_SHELL if windows else UNIX_SHELL
        path: dict[str, Value] = {} if windows else {"PATH": DEFAULT_PATH}
        if base.kind is SourceKind.SCRATCH:
            return State(Environment(path), env=Versioned(path), shell=shell)
        if base.facts is not None:
            return _state_of(base.facts, path, shell)
        environment = Environment(dict.fromkeys(path, _BASE_MAY_SET), _BASE_MAY_SET)
        return State(environment, workdir=_BASE_DIRECTORY, user=_BASE_USER, shell=shell)

    def _triggers(self, base: FileSource, node: From | Broken) -> tuple[Instruction, ...]:
        if base.facts is not None and base.facts.on_build and isinstance(node, From):
            from dockerlint.semantics.base_triggers import base_triggers  # noqa: PLC0415 - seldom needed

            return base_triggers(base.facts.on_build, node.image.span)
        if base.kind is not SourceKind.STAGE or base.stage is None:
            return ()
        # Only the base's own triggers run: they do not go on to grandchildren.
        return tuple(each.trigger for each in self._stages[base.stage].nodes() if isinstance(each, Onbuild))

    def _step(self, node: Instruction, before: State, windows: bool) -> Step:
        return Step(node, before, self._after(node, before, windows), self._escape, windows)

    def _after(self, node: Instruction, before: State, windows: bool) -> State:
        if isinstance(node, Env):
            values = {
                self._value(pair.key, before, windows=windows): self._value(pair.value, before, windows=windows)
                for pair in node.pairs
            }
            return before.set_env({key: value for key, value in values.items() if isinstance(key, str)})
        if isinstance(node, Arg):
            return self._declare(node, before, self._handed_down)
        if isinstance(node, Workdir):
            return before.set_workdir(self._value(node.path, before, windows=windows), node, windows=windows)
        if isinstance(node, User):
            return before.set_user(self._value(node.user, before, windows=windows), node)
        if isinstance(node, Shell):
            return before.set_shell(tuple(word.text for word in node.words), node)
        return before


def _handed_on(state: State, steps: Iterable[Step]) -> State:
    """The state in which a stage starts that is FROM one with these steps: it begins with the variables of the image,
    so an ENV hides an ARG of its name there, even one that came later.
    """
    names = {declared.name.text for step in steps if isinstance(step.node, Arg) for declared in step.node.declarations}
    hidden = {name: state.env[name] for name in names if name in state.env}
    return replace(state, environment=state.environment.with_values(hidden)) if hidden else state


def _split(
    instructions: tuple[Instruction, ...],
) -> tuple[tuple[Instruction, ...], list[tuple[Instruction, ...]]]:
    """What stands before the first FROM, and then the instructions of each stage with their FROM."""
    starts = [number for number, node in enumerate(instructions) if node.name == "FROM"]
    bounds = pairwise([*starts, len(instructions)])
    head = instructions[: starts[0]] if starts else instructions
    return head, [instructions[start:end] for start, end in bounds]


def _last_stage_name(instructions: tuple[Instruction, ...]) -> str | None:
    last = next((node for node in reversed(instructions) if node.name == "FROM"), None)
    name = last.stage_name if isinstance(last, From) else None
    return None if name is None else name.text.lower()


def _is_windows_image(base: FileSource) -> bool:
    """Whether the name of an image says that it is a Windows one."""
    if base.reference is None:
        return False
    name = f"{base.reference.path}:{base.reference.tag}"
    return name.startswith("windows/") or any(word in name for word in _WINDOWS_WORDS)


def _state_of(facts: BaseFacts, path: Mapping[str, Value], shell: tuple[str, ...]) -> State:
    values: dict[str, Value] = dict(path)
    for name, value in facts.environment.items():
        values[name] = (
            value if value is not None else Unknown(f"the base image sets {name} to a value that is not known")
        )
    others = None if facts.complete_environment else _BASE_MAY_SET
    environment = Environment(values, others)
    return State(
        environment, env=Versioned(values), workdir=facts.workdir or "/", user=facts.user, shell=facts.shell or shell
    )
