"""What speaks against believing a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LIMITED: Final = "injector-limited: "


@dataclass(frozen=True, slots=True)
class Warning_:  # noqa: N801 - Warning is a builtin
    """Something about the test, not about the server."""

    text: str
    """One clause with its figures."""
    hint: str
    """What to try."""
    fatal: bool
    """The step must not be judged by it."""
    excuses: bool = False
    """It can only make things worse: a step that met its objective in spite of it stands, one that
    did not must not be judged."""


def reason(warning: Warning_) -> str:
    """Why a step is not valid: ``injector-limited: ...`` or ``not valid: ...``."""
    text = warning.text
    return text if text.startswith(LIMITED) else f"not valid: {text}"
