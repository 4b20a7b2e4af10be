"""Where the guided notebooks are: in a clone, or with the installed package."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from arangolab.errors import FindingError

_PACKAGE: Final = Path(__file__).parent
NAMES: Final = ("part1_monitoring", "part2_transactions", "part3_capacity")
"""The guided notebooks, without their ending."""


def folder() -> Path:
    """The folder that holds them; raises FindingError when neither place has them."""
    for place in (_PACKAGE / "_notebooks", _PACKAGE.parent / "notebooks"):
        if (place / f"{NAMES[0]}.ipynb").is_file():
            return place
    raise FindingError(
        "The guided notebooks are not with this installation.", hint="install arangolab again."
    )


def path(name: str) -> Path:
    """The notebook's file."""
    return folder() / f"{name}.ipynb"


def copy_to(place: Path) -> list[Path]:
    """Copy the notebooks to ``place``; what is there already stays as it is."""
    place.mkdir(parents=True, exist_ok=True)
    copies = []
    for name in NAMES:
        copy = place / f"{name}.ipynb"
        if not copy.exists():
            shutil.copyfile(path(name), copy)
        copies.append(copy)
    return copies
