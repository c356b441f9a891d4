"""In which dialect ShellCheck reads a script."""

from __future__ import annotations

from dockerlint.image.shells import sh_of_image
from dockerlint.semantics.stages import Stage, Step
from dockerlint.shell.interpreters import base_name
from dockerlint.syntax.tree import Arg, Env, Shell

#: ShellCheck's dialects by the base name of a shell. It has none for zsh, nor for what is no POSIX shell.
_DIALECTS = {
    "sh": "sh",
    "ash": "busybox",
    "dash": "dash",
    "bash": "bash",
    "rbash": "bash",
    "ksh": "ksh",
    "ksh93": "ksh",
    "mksh": "ksh",
    "pdksh": "ksh",
    "posh": "sh",
    "yash": "sh",
}


def dialect_of(shell: str, root: Stage | None) -> str | None:
    """The dialect for a shell, by its name or path; None if ShellCheck does not read it.

    `root` is the stage that is FROM an image: that image decides which shell is called `sh`. Without it, and where the
    image does not tell, `sh` stands for any POSIX shell. ShellCheck knows the dialect `busybox` since version 0.10;
    what comes nearest is `dash`.
    """
    name = base_name(shell).lower()
    reference = None if root is None else root.base.reference
    if name == "sh" and reference is not None:
        name = sh_of_image(reference) or name
    return _DIALECTS.get(name)


def dialect_for_hadolint(stage: Stage | None, step: Step) -> str | None:
    """The dialect in which hadolint 2.15 has a script read that is for no POSIX shell; None if it leaves it out.

    It knows the shell only from a SHELL of the stage, and forgets it at the next ARG or ENV: then it is `sh`. What is
    found like this is seldom true, but who keeps hadolint's profile is told what hadolint tells.
    """
    is_known = False
    for earlier in () if stage is None else stage.steps:
        if earlier is step:
            break
        if isinstance(earlier.node, Shell):
            is_known = True
        elif isinstance(earlier.node, (Arg, Env)):
            is_known = False
    return None if is_known else "sh"
