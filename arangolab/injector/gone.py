"""What pyArango asks for and ArangoDB 4 no longer has, and what does the same.

Source: ArangoDB's release notes, "Incompatible changes" of 4.0 (in development).
"""

from __future__ import annotations

from typing import Final

FOUR: Final = 4
"""The major version that did away with it."""

_GONE: Final = (
    ("/_api/transaction", "JavaScript transactions", "session.transaction(), or one AQL query"),
    ("/_api/simple/", "simple queries", "AQL"),
    ("/_api/foxx", "Foxx", "a service outside of the server"),
    ("/_api/tasks", "tasks", "a scheduler outside of the server"),
    ("/_api/traversal", "the traversal API", "an AQL traversal"),
)


def sentence(path: str) -> str | None:
    """What is to be said of a 404 at that path of an ArangoDB 4; None when nothing is known."""
    for start, what, instead in _GONE:
        if start in path:
            return f"ArangoDB 4 no longer has {what}; instead: {instead}"
    return None
