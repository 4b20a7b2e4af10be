"""The stream-transaction twin of ``transaction``, for servers without JavaScript transactions."""

from __future__ import annotations

from arangolab.scenarios.definition import Session, scenario
from arangolab.scenarios.one_user import check_one

COUNT = "FOR u IN user FILTER u._key == @key UPDATE u WITH {counter: u.counter + 1} IN user"


@scenario
def transaction_stream(session: Session, *, updates: int = 1) -> None:
    """Begin, count on one user, commit; fails unless exactly that user was written.

    ``updates``: how often it counts before it commits, each time by a request.
    """
    key = f"user_{session.user}"
    with session.step("transaction"), session.transaction(write=["user"]) as trx:
        for _ in range(updates):
            trx.query(COUNT, {"key": key})
            check_one(session, trx.writes(), key)
