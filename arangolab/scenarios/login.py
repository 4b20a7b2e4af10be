"""Part III's login: read the user, then count the login on the user and on the user's groups."""

from __future__ import annotations

import time

from arangolab.scenarios.definition import Session, scenario
from arangolab.scenarios.one_user import check_one

READ_USER = "FOR u IN user FILTER u._key == @key RETURN u"

COUNT_LOGIN = """
function (params) {
  const db = require('@arangodb').db;
  const timed = (query, bind) => {
    const from = Date.now();
    const cursor = db._query(query, bind);
    return {ms: Date.now() - from, writes: cursor.getExtra().stats.writesExecuted};
  };
  const updateUser = timed(
    `FOR u IN user
       FILTER u._key == @key
       UPDATE u WITH {counter: u.counter + 1, lastseen: @now} IN user`,
    {key: params.key, now: params.now});
  const updateGroups = params.countGroups === false ? null : timed(
    `WITH user, groups
     FOR g IN 1..1 OUTBOUND @user userToGroups
       UPDATE g WITH {counter: g.counter + 1} IN groups`,
    {user: 'user/' + params.key});
  const returnOne = timed(`RETURN 1`, {});
  return {updateUser, updateGroups, returnOne};
}
"""

COLLECTIONS = {"read": ["userToGroups"], "write": ["user", "groups"]}
"""What the transaction locks where the login counts on groups."""
USER_ALONE = {"write": ["user"]}


@scenario
def login(session: Session, *, count_groups: bool = True) -> None:
    """One user logs in; fails unless one user and all of the user's groups were updated.

    Of the data set it needs that user i is a member of exactly ``i % 10`` groups.
    ``count_groups``: False leaves the groups alone, on which logins of different users meet: the
    difference is what their conflicts cost.
    """
    key = f"user_{session.user}"
    with session.step("read_user"):
        rows = session.db.AQLQuery(READ_USER, rawResults=True, bindVars={"key": key})
    check_one(session, len(rows), key)
    with session.step("transaction"):
        params = {"key": key, "now": int(time.time() * 1000), "countGroups": count_groups}
        locked = COLLECTIONS if count_groups else USER_ALONE
        reply = session.db.transaction(locked, COUNT_LOGIN, params=params)
    report(session, reply["result"])


def report(session: Session, result: dict[str, dict[str, int]]) -> None:
    """Send the server's own timings of the queries, and check what they wrote."""
    session.timing("update_user", result["updateUser"]["ms"])
    session.timing("return_one", result["returnOne"]["ms"])
    users = result["updateUser"]["writes"]
    session.check(users == 1, f"the login updated {users} users instead of 1")
    if not result["updateGroups"]:
        return
    session.timing("update_groups", result["updateGroups"]["ms"])
    groups = result["updateGroups"]["writes"]
    member_of = session.user % 10
    session.check(groups == member_of, f"the login updated {groups} groups, not {member_of}")
