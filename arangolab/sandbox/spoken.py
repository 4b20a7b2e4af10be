"""Which ArangoDB the sandbox speaks like: what a version calls itself, and what it no longer has.

Source: ArangoDB's release notes, "Incompatible changes" of 3.12 and 4.0 (in development).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_NUMBERS = {"3.9": 12, "3.10": 14, "3.11": 14, "3.12": 10, "4.0": 0}
SPOKEN: Final = {version: f"{version}.{number}" for version, number in _NUMBERS.items()}
"""What can be asked for, and the version that is told then."""
USUAL: Final = "3.12"
_GONE_IN_4 = re.compile(
    r"(\S+ /(_api/(foxx|tasks|simple)|_admin/(statistics|metrics/v2))|PUT /_api/cursor)(/.*)?"
    r"|POST /_api/transaction"
)


def runs_javascript(version: str) -> bool:
    """Whether it has JavaScript, and its transactions."""
    return version < "4"


def is_gone(version: str, method: str, path: Sequence[str]) -> bool:
    """Whether that version no longer answers there."""
    if runs_javascript(version):
        return False
    return _GONE_IN_4.fullmatch(f"{method} /{'/'.join(path)}") is not None
