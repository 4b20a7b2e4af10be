"""The login's read alone: one AQL query for one user by key."""

from __future__ import annotations

from arangolab.scenarios.definition import Session, scenario
from arangolab.scenarios.login import READ_USER
from arangolab.scenarios.one_user import check_one


@scenario
def aql_read(session: Session) -> None:
    """Read one user; fails unless exactly that user came back."""
    key = f"user_{session.user}"
    with session.step("read_user"):
        rows = session.db.AQLQuery(READ_USER, rawResults=True, bindVars={"key": key})
    check_one(session, len(rows), key)
    session.check(rows[0]["_key"] == key, f"{rows[0]['_key']} came back instead of {key}")
