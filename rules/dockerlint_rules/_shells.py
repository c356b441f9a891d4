"""Which shell is called `sh` where a script runs."""

from __future__ import annotations

from dockerlint.image.shells import sh_of_image
from dockerlint.semantics.model import Model
from dockerlint.semantics.stages import FileSource, Stage


def sh_of(base: FileSource) -> str | None:
    """What `sh` is in an image: `ash` (busybox), `dash` or `bash`; None where the name of the image does not tell."""
    return None if base.reference is None else sh_of_image(base.reference)


def sh_of_stage(model: Model, stage: Stage) -> str | None:
    """What `sh` is in a stage, as far as the image at the start of its chain tells."""
    return sh_of(model.chain(stage)[0].base)
