"""The stream-transaction twin of ``transaction``, for servers without JavaScript transactions."""

from __future__ import annotations

from arangolab.scenarios.definition import Session, scenario

COUNT = "FOR u IN user FILTER u._key == @key UPDATE u WITH {counter: u.counter + 1} IN user"


@scenario
def transaction_stream(session: Session) -> None:
    """Begin, count on one user, commit; fails unless exactly that user was written."""
    key = f"user_{session.user}"
    with session.step("transaction"), session.transaction(write=["user"]) as trx:
        trx.query(COUNT, {"key": key})
        written = trx.writes()
        session.check(written == 1, f"{written} users have the key {key}: load the data set first")
