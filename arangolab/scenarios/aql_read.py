"""The login's read alone: one AQL query for one user by key."""

from __future__ import annotations

from arangolab.scenarios.definition import Session, scenario
from arangolab.scenarios.login import READ_USER


@scenario
def aql_read(session: Session) -> None:
    """Read one user; fails unless exactly that user came back."""
    key = f"user_{session.user}"
    with session.step("read_user"):
        rows = session.db.AQLQuery(READ_USER, rawResults=True, bindVars={"key": key})
    session.check(
        len(rows) == 1 and rows[0]["_key"] == key,
        f"{len(rows)} users have the key {key}: load the data set first",
    )
