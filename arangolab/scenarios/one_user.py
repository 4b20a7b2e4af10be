"""What the scenarios that ship check first."""

from __future__ import annotations

from arangolab.scenarios.definition import Session


def check_one(session: Session, count: int, key: str) -> None:
    """Fail the scenario unless there was exactly one user of that key."""
    session.check(
        count == 1,
        f"{count} users have the key {key}: load the data set, or choose users that are in it",
    )
