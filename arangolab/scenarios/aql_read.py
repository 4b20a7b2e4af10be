"""The login's read alone: one AQL query for one user by key, or for several."""

from __future__ import annotations

from arangolab.scenarios.definition import Session, scenario
from arangolab.scenarios.login import READ_USER
from arangolab.scenarios.one_user import check_one

READ_USERS = "FOR u IN user FILTER u._key IN @keys RETURN u"


@scenario
def aql_read(session: Session, *, batch: int = 1) -> None:
    """Read one user; fails unless exactly that user came back.

    ``batch``: users read by one query, those whose numbers are just below the user's own too.
    """
    if batch > 1:
        read_several(session, batch)
        return
    key = f"user_{session.user}"
    with session.step("read_user"):
        rows = session.db.AQLQuery(READ_USER, rawResults=True, bindVars={"key": key})
    check_one(session, len(rows), key)
    session.check(rows[0]["_key"] == key, f"{rows[0]['_key']} came back instead of {key}")


def read_several(session: Session, batch: int) -> None:
    """Read the users up to this one; fails unless each of them came back."""
    keys = [f"user_{n}" for n in range(max(1, session.user - batch + 1), session.user + 1)]
    with session.step("read_user"):
        rows = session.db.AQLQuery(
            READ_USERS, rawResults=True, batchSize=len(keys), bindVars={"keys": keys}
        )
    session.check(
        {row["_key"] for row in rows} == set(keys),
        f"{len(rows)} of {len(keys)} users came back: load the data set, or choose users in it",
    )
