"""One JavaScript transaction: it reads a user and counts on that user."""

from __future__ import annotations

from arangolab.scenarios.definition import Session, scenario
from arangolab.scenarios.one_user import check_one

COUNT = """
function (params) {
  const db = require('@arangodb').db;
  const cursor = db._query(
    `FOR u IN user FILTER u._key == @key UPDATE u WITH {counter: u.counter + 1} IN user`,
    {key: params.key});
  return cursor.getExtra().stats.writesExecuted;
}
"""


@scenario
def transaction(session: Session) -> None:
    """Count on one user within the server; fails unless exactly that user was written."""
    key = f"user_{session.user}"
    with session.step("transaction"):
        reply = session.db.transaction({"write": ["user"]}, COUNT, params={"key": key})
    check_one(session, reply["result"], key)
