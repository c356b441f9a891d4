"""Which shells the images that many files build on have."""

from __future__ import annotations

from dockerlint.image.names import usual_name
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import FileSource, Stage
from dockerlint_rules._images import DISTRIBUTIONS

#: The sh of these is dash.
_DASH_SYSTEMS = frozenset({"debian", "ubuntu"})
#: These are made of Debian or Ubuntu where their tag does not name another system.
_DASH_LANGUAGES = frozenset(
    {
        "buildpack-deps",
        "clojure",
        "dart",
        "elixir",
        "erlang",
        "gcc",
        "golang",
        "haskell",
        "julia",
        "node",
        "perl",
        "php",
        "pypy",
        "python",
        "r-base",
        "ruby",
        "rust",
    }
)
_BUSYBOX_SYSTEMS = frozenset({"alpine", "busybox", "cgr.dev/chainguard/wolfi-base"})


def sh_of(base: FileSource) -> str | None:
    """What `sh` is in an image: `ash` (busybox), `dash` or `bash`; None where the name of the image does not tell.

    Official images of languages say by their tag that they are made of Alpine or Windows; most others are Debian.
    """
    if base.reference is None:
        return None
    name = usual_name(base.reference)
    if "alpine" in base.reference.familiar or name in _BUSYBOX_SYSTEMS:
        return "ash"
    if name in _DASH_SYSTEMS or name in _DASH_LANGUAGES:
        return "dash"
    return "bash" if name in DISTRIBUTIONS else None


def sh_of_stage(model: Model, stage: Stage) -> str | None:
    """What `sh` is in a stage, as far as the image at the start of its chain tells."""
    return sh_of(model.chain(stage)[0].base)
