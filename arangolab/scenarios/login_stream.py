"""The login as a stream transaction: the same effects, each query a request of its own."""

from __future__ import annotations

import time

from arangolab.scenarios.definition import Session, scenario
from arangolab.scenarios.login import COLLECTIONS, READ_USER, USER_ALONE
from arangolab.scenarios.one_user import check_one

UPDATE_USER = """
FOR u IN user
  FILTER u._key == @key
  UPDATE u WITH {counter: u.counter + 1, lastseen: @now} IN user
"""
UPDATE_GROUPS = """
WITH user, groups
FOR g IN 1..1 OUTBOUND @user userToGroups
  UPDATE g WITH {counter: g.counter + 1} IN groups
"""


@scenario
def login_stream(session: Session, *, count_groups: bool = True) -> None:
    """One user logs in, without JavaScript on the server.

    Of the data set it needs that user i is a member of exactly ``i % 10`` groups.  Locks are held
    from the first update to the commit, over several requests, so conflicts are likelier than with
    ``login``.  ``count_groups``: False leaves the groups alone.
    """
    key = f"user_{session.user}"
    with session.step("read_user"):
        rows = session.db.AQLQuery(READ_USER, rawResults=True, bindVars={"key": key})
    check_one(session, len(rows), key)
    with session.step("transaction"):
        transact(session, key, count_groups=count_groups)


def transact(session: Session, key: str, *, count_groups: bool) -> None:
    """Count the login on the user and on the user's groups, and check what was written."""
    with session.transaction(**(COLLECTIONS if count_groups else USER_ALONE)) as trx:
        with session.step("update_user"):
            trx.query(UPDATE_USER, {"key": key, "now": int(time.time() * 1000)})
        session.check(trx.writes() == 1, f"the login updated {trx.writes()} users instead of 1")
        if count_groups:
            with session.step("update_groups"):
                trx.query(UPDATE_GROUPS, {"user": f"user/{key}"})
            member_of = session.user % 10
            session.check(
                trx.writes() == member_of,
                f"the login updated {trx.writes()} groups, not {member_of}",
            )
        with session.step("return_one"):
            trx.query("RETURN 1")
