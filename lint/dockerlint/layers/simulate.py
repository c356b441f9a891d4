"""Follows the instructions of the stages that a build needs, and gives the layers of the target's chain.

Stages are taken in the order of the file, so that whatever an instruction copies from has been followed before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from dockerlint.context.folder import EntryKind, FolderContext
from dockerlint.layers.base_roots import base_root
from dockerlint.layers.commands import follow
from dockerlint.layers.filesystem import Budget, FileSystem, changes
from dockerlint.layers.history import makes_layer
from dockerlint.layers.inputs import context_paths
from dockerlint.layers.layer import Draft, Layer, LayerNotes, file_sizes, layer_size
from dockerlint.layers.nodes import BASE, Folder, Node
from dockerlint.layers.run import Installer, Machine, Runner
from dockerlint.layers.seen_files import SeenFiles, binds_of
from dockerlint.layers.size import total
from dockerlint.layers.sizes.downloads import NO_DOWNLOADS, Downloads
from dockerlint.layers.sizes.install import NO_ESTIMATORS, Estimators
from dockerlint.layers.sources import ContextFiles, Files, StageFiles
from dockerlint.layers.transfer import transfer
from dockerlint.semantics.model import Model
from dockerlint.semantics.scripts import Scripts
from dockerlint.semantics.stages import SourceKind, Stage, Step
from dockerlint.source import Span
from dockerlint.syntax.tree import Form, Problem, Run, Transfer, Workdir

#: Nodes that are made or looked at in all; a file that needs more is followed no further.
MOST_NODES = 1_000_000


class Contexts(NamedTuple):
    """The build contexts that are folders: the one of the build, None where it is not known, and those with a name."""

    main: FolderContext | None = None
    named: Mapping[str, FolderContext] = MappingProxyType({})

    def remarks(self) -> tuple[str, ...]:
        """What was not looked at in them."""
        each = (*((self.main,) if self.main is not None else ()), *self.named.values())
        return tuple(context.problem for context in each if context.problem is not None)


class Simulated(NamedTuple):
    """The layers of the target's chain, the files at its end, and the reasons for which the builder would refuse.

    `remarks` say what was not looked at.
    """

    layers: tuple[Layer, ...]
    root: Folder
    problems: tuple[Problem, ...]
    remarks: tuple[str, ...] = ()


class _Outcome(NamedTuple):
    """What is left at the end of a stage."""

    root: Folder
    machine: Machine
    drafts: tuple[Draft, ...]
    problems: tuple[Problem, ...]


def simulate(
    model: Model,
    scripts: Scripts,
    contexts: Contexts,
    *,
    most_nodes: int = MOST_NODES,
    estimators: Estimators = NO_ESTIMATORS,
    downloads: Downloads = NO_DOWNLOADS,
) -> Simulated:
    """The layers that a build of the target adds, as far as the file and the build contexts tell. Never raises.

    `estimators` tell the sizes of packages, `downloads` those of files on servers.
    """
    simulation = _Simulation(model, scripts, contexts, Budget(most_nodes), estimators=estimators, downloads=downloads)
    outcome = None
    for index in sorted(model.reachable):
        outcome = simulation.stage(model.stages[index])
    if model.target is None or outcome is None:
        return Simulated((), Folder(None, "", BASE, Span(0, 0), None), ())
    outcome = simulation.outcomes[model.target.index]
    problems = tuple(problem for each in simulation.outcomes.values() for problem in each.problems)
    return Simulated(tuple(_finished(outcome)), outcome.root, problems, contexts.remarks())


def _finished(outcome: _Outcome) -> list[Layer]:
    """The layers with what the last one leaves to be seen of them."""
    seen: set[int] = set()
    todo: list[Folder] = [outcome.root]
    while todo:
        folder = todo.pop()
        seen.update(map(id, folder.fills))
        for node in folder.children.values():
            if not isinstance(node, Folder):
                seen.add(id(node))
            elif node.token is not None or node.layer != BASE:
                # What nobody has changed is the base image's.
                todo.append(node)
    layers = []
    for draft in outcome.drafts:
        hidden: list[Node] = [node for _, node in draft.changes.stored if id(node) not in seen]
        lost = [fill.size for _, fill in draft.changes.fills if id(fill) not in seen]
        layers.append(
            Layer(
                draft.number,
                draft.step,
                draft.stage,
                draft.changes,
                draft.doubts,
                draft.suspicions,
                layer_size(draft),
                draft.hidden,
                total([*file_sizes(hidden), *lost]),
                draft.is_wild,
                draft.installs,
            )
        )
    return layers


class _Simulation:
    """The stages of one build."""

    def __init__(
        self,
        model: Model,
        scripts: Scripts,
        contexts: Contexts,
        budget: Budget,
        *,
        estimators: Estimators,
        downloads: Downloads,
    ) -> None:
        self._model = model
        self._scripts = scripts
        self._context = _files_of(contexts.main, lambda: context_paths(model))
        self._named = {name: _files_of(context) for name, context in contexts.named.items()}
        self._budget = budget
        self._estimators = estimators
        self._downloads = downloads
        self.outcomes: dict[int, _Outcome] = {}

    def stage(self, stage: Stage) -> _Outcome:
        """Follow a stage whose sources have all been followed."""
        parent = self.outcomes.get(stage.base.stage) if stage.base.stage is not None else None
        if parent is None:
            root, machine, drafts = (
                base_root(stage.base),
                Machine(installer=self._installer(stage), downloads=self._downloads),
                [],
            )
        else:
            root, machine, drafts = parent.root, parent.machine.copied(), list(parent.drafts)
        problems: list[Problem] = []
        for step in (*stage.triggered, *stage.steps[1:]):
            if not makes_layer(step):
                continue
            number = len(drafts) + 1
            fs = FileSystem(root, number, self._budget)
            notes = LayerNotes(number)
            self._follow(stage, step, fs, notes, machine)
            stored = changes(root, fs.root)
            if notes.whiteouts:
                stored = stored._replace(whiteouts=tuple(sorted({*stored.whiteouts, *notes.whiteouts})))
            machine.is_hoped = machine.is_hoped or bool(notes.doubts)
            machine.is_open = machine.is_open or machine.is_hoped or bool(notes.installs)
            problems += notes.problems
            drafts.append(
                Draft(
                    number,
                    step,
                    stage.index,
                    stored,
                    tuple(notes.doubts),
                    tuple(notes.suspicions),
                    tuple(notes.hidden),
                    notes.is_wild,
                    tuple(notes.installs),
                )
            )
            root = fs.root
        outcome = _Outcome(root, machine, tuple(drafts), tuple(problems))
        self.outcomes[stage.index] = outcome
        return outcome

    def _installer(self, stage: Stage) -> Installer | None:
        """Whoever tells the sizes of packages for the base image of a stage."""
        if not self._estimators or stage.base.kind is not SourceKind.IMAGE or not isinstance(stage.base.text, str):
            return None
        platform = stage.platform if isinstance(stage.platform, str) else self._model.options.platform
        return Installer(self._estimators, stage.base.text, platform)

    def _follow(self, stage: Stage, step: Step, fs: FileSystem, notes: LayerNotes, machine: Machine) -> None:
        node = step.node
        if step.windows or self._budget.is_spent:
            notes.doubt("files of Windows are not followed" if step.windows else "there is too much to follow")
        elif isinstance(node, Transfer):
            transfer(node, step, fs, self._files(stage, node), notes, downloads=self._downloads)
        elif isinstance(node, Run):
            self._run(node, step, fs, notes, machine)
        elif isinstance(node, Workdir):
            _make_workdir(node, step, fs, notes)

    def _files(self, stage: Stage, node: Transfer) -> Files | None:
        """Where COPY or ADD takes files from, None where that is not known."""
        if node.flag("from") is None:
            return self._context
        source = next((use.source for use in stage.uses if use.node is node), None)
        if source is None or source.kind in (SourceKind.UNKNOWN, SourceKind.INVALID):
            return None
        if source.kind is SourceKind.CONTEXT:
            return self._named.get(str(source.text))
        if source.kind is not SourceKind.STAGE or source.stage is None:
            return StageFiles(base_root(source), "the image", is_open=False)
        outcome = self.outcomes.get(source.stage)
        if outcome is None:
            return None
        label = self._model.stages[source.stage].label
        return StageFiles(outcome.root, f"stage {label}", is_open=outcome.machine.is_open)

    def _run(self, node: Run, step: Step, fs: FileSystem, notes: LayerNotes, machine: Machine) -> None:
        if step.inherited:
            machine.is_wild = notes.is_wild = True
            notes.doubt("what a trigger of the base image runs is not followed")
            return
        script = self._scripts.of(node, step)
        if script.errors or not script.is_posix:
            notes.doubt("the script cannot be read")
        runner = Runner(self._scripts, step, fs, notes, machine)
        runner.dialect = script.dialect
        runner.files = SeenFiles(fs, tuple(binds_of(step, self._context)))
        runner.is_wild = bool(notes.doubts) or node.command.form is Form.NONE
        if script.is_posix:
            follow(self._scripts.commands(node, step), runner, is_sound=not script.errors)
        notes.is_wild = runner.is_wild
        machine.is_wild = machine.is_wild or runner.is_wild


def _everything() -> Iterable[str]:
    return (".",)


def _files_of(context: FolderContext | None, asked: Callable[[], Iterable[str]] = _everything) -> Files | None:
    if context is None:
        return None
    entry = context.entry(".")
    return None if entry is not None and entry.kind is not EntryKind.FOLDER else ContextFiles(context, asked)


def _make_workdir(node: Workdir, step: Step, fs: FileSystem, notes: LayerNotes) -> None:
    """WORKDIR makes its folder, which belongs to the user in force."""
    path, user = step.after.workdir, step.before.user
    if not isinstance(path, str):
        notes.doubt("the folder is not known")
        return
    owner = user if isinstance(user, str) and user not in ("0", "root") else ""
    if fs.folder(path, origin=node.path.span, owner=owner) is None:
        notes.problems.append(Problem("DL1000", node.path.span, f"WORKDIR fails: a file is in the way of {path}"))
