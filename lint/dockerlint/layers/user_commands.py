"""What `useradd`, `groupadd` and their like change: the files with users and groups, and home folders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from dockerlint.layers.call import Call
from dockerlint.layers.nodes import File, Fill
from dockerlint.layers.size import estimated
from dockerlint.shell.options import Syntax, names

_USER = Syntax(
    valued=names(
        """
        -b --base-dir -c --comment -d --home --home-dir -e --expiredate -f --inactive -g --gid --ingroup -G --groups
        -k --skel -K --key -p --password -r -R --root -s --shell -u --uid -Z --selinux-user --gecos -h --firstuid
        --lastuid
        """
    )
    - {"-r"}
)
_GROUP = Syntax(valued=frozenset({"-g", "--gid", "-K", "--key", "-p", "--password", "-R", "--root"}))
_COMMON = ("/etc/group", "/etc/group-", "/etc/gshadow", "/etc/gshadow-")
_PASSWORDS = ("/etc/passwd", "/etc/passwd-", "/etc/shadow", "/etc/shadow-")

#: What such a file has in a small image: one line for each of the usual users.
_USUAL_SIZE = 540
#: What Debian's `/etc/skel` holds.
_SKELETON = 4553


def _rewritten(call: Call, paths: tuple[str, ...]) -> None:
    runner = call.runner
    span = call.command.span
    for path in paths:
        mode = 0o644 if path.startswith(("/etc/passwd", "/etc/group")) else 0o640
        runner.fs.put(path, File(estimated(_USUAL_SIZE), mode, "", runner.fs.layer, span))


def _useradd(call: Call) -> None:
    options = call.options(_USER)
    names = [word.text for word in options.operands]
    is_debian = call.command.name == "adduser"
    _rewritten(call, (*_PASSWORDS, *_COMMON))
    if not names or names[0] is None:
        return
    if is_debian and len(names) > 1:
        # `adduser USER GROUP` of Debian and Alpine makes no user.
        return
    name = names[0]
    given = next((word.text for word in options.values("-d", "--home", "--home-dir", "-h")), None)
    home = given if given is not None and given.startswith("/") else f"/home/{name}"
    call.runner.machine.homes[name] = home
    makes = is_debian or options.has("-m", "--create-home")
    if makes and not options.has("-M", "-H", "--no-create-home"):
        call.runner.fs.folder(home, origin=call.command.span, owner=name)
        call.runner.fs.add_fill(home, Fill(estimated(_SKELETON), call.runner.fs.layer, call.command.span))


def _groupadd(call: Call) -> None:
    call.options(_GROUP)
    _rewritten(call, _COMMON)


def _usermod(call: Call) -> None:
    _rewritten(call, (*_PASSWORDS, *_COMMON))


USER_COMMANDS: Mapping[str, Callable[[Call], None]] = MappingProxyType(
    {
        "useradd": _useradd,
        "adduser": _useradd,
        "groupadd": _groupadd,
        "addgroup": _groupadd,
        "usermod": _usermod,
        "groupmod": _groupadd,
        "userdel": _usermod,
        "deluser": _usermod,
        "groupdel": _groupadd,
        "delgroup": _groupadd,
        "chpasswd": _usermod,
        "passwd": _usermod,
    }
)
