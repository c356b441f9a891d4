"""What is known of the files of base images without looking at them: folders that every system has, and little more."""

from __future__ import annotations

from functools import cache

from dockerlint.layers.filesystem import split
from dockerlint.layers.nodes import BASE, File, Fill, Folder, Link
from dockerlint.layers.size import UNKNOWN, Provenance, Size
from dockerlint.semantics.stages import FileSource, SourceKind
from dockerlint.shell.options import names
from dockerlint.source import Span

_NOWHERE = Span(0, 0)

#: Folders that are taken to exist in every base image, so that `COPY tool /usr/local/bin` means a file in it.
_USUAL_FOLDERS = tuple(
    sorted(
        names(
            """
            /bin /dev /etc /etc/ssl /etc/ssl/certs /home /lib /media /mnt /opt /proc /root /run /sbin /srv /sys /tmp
            /usr /usr/bin /usr/include /usr/lib /usr/local /usr/local/bin /usr/local/etc /usr/local/lib
            /usr/local/sbin /usr/local/share /usr/sbin /usr/share /usr/src /var /var/cache /var/lib /var/log /var/spool
            /var/tmp
            """
        )
    )
)

_LINKS = (("/var/run", "/run"),)

#: Systems in which the folders of programs are links.
_MERGED = (("/bin", "usr/bin"), ("/sbin", "usr/sbin"), ("/lib", "usr/lib"))
_MERGED_NAMES = names("almalinux archlinux centos debian fedora oraclelinux rockylinux ubuntu")
_DEBIAN_RELEASES = ("bullseye", "bookworm", "trixie", "focal", "jammy", "noble")

#: Files of Debian that have hardly changed for years, with their sizes.
_DEBIAN_FILES = {
    "/etc/debian_version": 6,
    "/etc/issue": 27,
    "/etc/issue.net": 20,
    "/etc/motd": 286,
    "/etc/skel/.bash_logout": 220,
    "/etc/skel/.bashrc": 3526,
    "/etc/skel/.profile": 807,
}


def base_root(base: FileSource) -> Folder:
    """The root file system of a base, or of an image that is copied from; a stage is none of them."""
    if base.kind is SourceKind.SCRATCH:
        return Folder(0o755, "", BASE, _NOWHERE, None)
    text = base.text if isinstance(base.text, str) else ""
    name, _, tag = text.partition("@")[0].rpartition("/")[2].partition(":")
    merged = name in _MERGED_NAMES or any(word in tag for word in _DEBIAN_RELEASES)
    return _image_root(merged=merged, debian=name == "debian")


@cache
def _image_root(*, merged: bool, debian: bool) -> Folder:
    """The root of an image; one tree serves all, since no file system changes a folder that is not its own."""
    root = Folder(0o755, "", BASE, _NOWHERE, None, (Fill(UNKNOWN, BASE, _NOWHERE, sure=False),))
    for path in _USUAL_FOLDERS:
        _folder(root, path)
    for path, target in (*_LINKS, *(_MERGED if merged else ())):
        parent, _, last = path.rpartition("/")
        _folder(root, parent).children[last] = Link(target, BASE, _NOWHERE)
    for path, size in _DEBIAN_FILES.items() if debian else ():
        parent, _, last = path.rpartition("/")
        known = Size(0, size, None, Provenance.ESTIMATED)
        _folder(root, parent).children[last] = File(known, 0o644, "", BASE, _NOWHERE)
    return root


def _folder(root: Folder, path: str) -> Folder:
    folder = root
    for name in split(path):
        child = folder.children.setdefault(name, Folder(0o755, "", BASE, _NOWHERE, None, root.fills))
        assert isinstance(child, Folder), "the tables have no folder where they have a file or a link"
        folder = child
    return folder
