"""In which dialect ShellCheck reads a script."""

from __future__ import annotations

from dockerlint.image.names import usual_name
from dockerlint.semantics.stages import SourceKind, Stage
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

#: What `/bin/sh` is, by a part of the tag between dashes; `alpine3.19` is Alpine, too.
_OF_TAGS = {
    "alpine": "busybox",
    **dict.fromkeys(("buster", "bullseye", "bookworm", "trixie", "focal", "jammy", "noble", "slim"), "dash"),
}
#: What it is by the name of the image, if the tag does not say.
_OF_NAMES = {
    **dict.fromkeys(("alpine", "busybox"), "busybox"),
    **dict.fromkeys(("debian", "ubuntu", "buildpack-deps"), "dash"),
    **dict.fromkeys(("gcc", "golang", "node", "perl", "php", "pypy", "python", "ruby", "rust"), "dash"),
    **dict.fromkeys(("almalinux", "amazonlinux", "archlinux", "centos", "fedora", "oraclelinux", "rockylinux"), "bash"),
}
#: What it is in all images of an account or a registry.
_OF_PLACES = dict.fromkeys(
    (
        "almalinux",
        "opensuse",
        "redhat",
        "registry.access.redhat.com",
        "registry.fedoraproject.org",
        "registry.redhat.io",
        "rockylinux",
    ),
    "bash",
)


def dialect_of(shell: str, root: Stage | None) -> str | None:
    """The dialect for a shell, by its name or path; None if ShellCheck does not read it.

    `root` is the stage that is FROM an image: that image decides which shell is called `sh`. Without it, and where the
    image is not known, `sh` stands for any POSIX shell. ShellCheck knows the dialect `busybox` since version 0.10; what
    comes nearest is `dash`.
    """
    dialect = _DIALECTS.get(base_name(shell).lower())
    return _dialect_of_sh(root) if dialect == "sh" and root is not None else dialect


def _dialect_of_sh(root: Stage) -> str:
    base = root.base
    if base.kind is not SourceKind.IMAGE or base.reference is None:
        return "sh"
    for part in base.reference.tag.split("-") if base.reference.tag else ():
        word = part.rstrip("0123456789.")
        if word in _OF_TAGS:
            return _OF_TAGS[word]
    name = usual_name(base.reference)
    return _OF_NAMES.get(name) or _OF_PLACES.get(name.split("/", 1)[0], "sh")
