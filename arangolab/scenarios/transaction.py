"""One JavaScript transaction: it reads a user and counts on that user."""

from __future__ import annotations

from arangolab.scenarios.definition import Session, scenario
from arangolab.scenarios.one_user import check_one

COUNT = """
function (params) {
  const db = require('@arangodb').db;
  let writes = 0;
  for (let done = 0; done < params.updates; done++) {
    const cursor = db._query(
      `FOR u IN user FILTER u._key == @key UPDATE u WITH {counter: u.counter + 1} IN user`,
      {key: params.key});
    writes += cursor.getExtra().stats.writesExecuted;
  }
  return writes;
}
"""


@scenario
def transaction(session: Session, *, updates: int = 1) -> None:
    """Count on one user within the server; fails unless exactly that user was written.

    ``updates``: how often it counts before it commits, and so how long it holds its context.
    """
    key = f"user_{session.user}"
    with session.step("transaction"):
        params = {"key": key, "updates": updates}
        reply = session.db.transaction({"write": ["user"]}, COUNT, params=params)
    check_one(session, reply["result"] // max(1, updates), key)
