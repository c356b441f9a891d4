"""In which dialect ShellCheck reads a script."""

from __future__ import annotations

from dockerlint.image.shells import sh_of_image
from dockerlint.semantics.stages import Stage
from dockerlint.shell.interpreters import base_name

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
