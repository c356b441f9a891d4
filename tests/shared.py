"""Finds the reference data that several projects share: conformance cases, real Dockerfiles, recorded images.

It is not part of the repository. The environment variable `DLINT_SHARED` names its folder; by default that is
`shared` beside the checkout. Tests that need it are skipped where it is missing, and say so.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("DLINT_SHARED") or REPOSITORY.parent / "shared")


def shared_path(*parts: str) -> Path:
    """The path of shared data, such as `shared_path("conformance", "expansion")`; skips without it."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"no shared data at {'/'.join(parts) or 'its root'}: set DLINT_SHARED to its folder")
    return path


def shared_files(folder: str, pattern: str) -> tuple[Path, ...]:
    """The sorted files below a shared folder that match a glob, for `parametrize`; none if it is missing.

    pytest skips a test whose table of parameters is empty, so nothing more is needed there.
    """
    return tuple(path for path in sorted(SHARED.joinpath(folder).glob(pattern)) if path.is_file())
