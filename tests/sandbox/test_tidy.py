"""What lives between requests, and how it goes when nobody asks for it any more."""

from __future__ import annotations

import time

import pytest

from arangolab.sandbox import cursors
from arangolab.sandbox.app import App
from arangolab.sandbox.auth import Auth
from arangolab.sandbox.cursors import Cursor
from arangolab.sandbox.knobs import Knobs
from arangolab.sandbox.store import Database, Server
from arangolab.sandbox.transaction import Transaction
from tests.sandbox.world import fill, refused


@pytest.fixture
def app() -> App:
    """The API of a new server, without HTTP in front."""
    store = Server()
    return App(store, Auth(store.users), Knobs(v8_contexts=1))


@pytest.fixture
def where(app: App) -> Database:
    """Its database, with a collection c."""
    app.store.databases["_system"].create_collection("c")
    return app.store.databases["_system"]


def test_cursors_go_after_their_time(app: App, where: Database) -> None:
    """A cursor that nobody fetched from within its ttl is not found, and no longer kept."""
    for ttl_s in (30.0, -1.0):
        shown = app.cursors.open(Cursor((where, "root"), [1, 2, 3], {}, 1, ttl_s))
        assert len(app.cursors) == 1
        app.tidy()
        if ttl_s > 0:
            assert app.cursors.next(shown["id"], (where, "root"))["result"] == [2]
            app.cursors.close(shown["id"], (where, "root"))
    assert len(app.cursors) == 0
    with refused(1600):
        app.cursors.next(shown["id"], (where, "root"))


def test_cursors_belong_to_database_and_user(app: App, where: Database) -> None:
    """Nobody else can fetch from a cursor."""
    shown = app.cursors.open(Cursor((where, "root"), [1, 2, 3], {}, 1))
    other = app.store.create_database("other")
    for owner in ((other, "root"), (where, "eve")):
        with refused(1600):
            app.cursors.next(shown["id"], owner)


def test_idle_stream_transactions_are_aborted(
    app: App, where: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that nobody uses for a minute gives back its locks and leaves nothing."""
    monkeypatch.setattr(cursors, "STREAM_IDLE_S", -1.0)
    stream = app.streams.begin(Transaction(where, exclusive=["c"]))
    app.tidy()
    with refused(1655), app.streams.used(stream, where):
        pass
    with Transaction(where, exclusive=["c"], lock_timeout_s=0.1):
        pass


def test_one_request_at_a_time_in_a_stream_transaction(app: App, where: Database) -> None:
    """A second one at the same time is refused with errorNum 28."""
    stream = app.streams.begin(Transaction(where, write=["c"]))
    with app.streams.used(stream, where), refused(28), app.streams.used(stream, where):
        pass
    app.streams.end(stream, where, "committed")


def test_documents_of_ttl_indexes_go(app: App, where: Database) -> None:
    """What a TTL index says is over is removed by tidying."""
    where.collection("c").ensure_index({"type": "ttl", "fields": ["at"], "expireAfter": 60})
    fill(where, "c", {"_key": "old", "at": time.time() - 90}, {"_key": "new", "at": time.time()})
    app.tidy()
    assert list(where.collection("c").documents) == ["new"]


@pytest.mark.parametrize("at", [0, -1.5, "2001", "2001-2-3", "2001-02-03T04:05:06+01:00"])
def test_dates_of_ttl_indexes(app: App, where: Database, at: object) -> None:
    """They are numbers or what AQL takes for a date; other values never go."""
    where.collection("c").ensure_index({"type": "ttl", "fields": ["at"], "expireAfter": 0})
    fill(
        where, "c", {"_key": "old", "at": at}, {"_key": "no", "at": "x"}, {"_key": "b", "at": True}
    )
    app.tidy()
    assert list(where.collection("c").documents) == ["no", "b"]


def test_tidying_waits_for_nobody(app: App, where: Database) -> None:
    """What is over in a collection that somebody has alone stays until later."""
    where.collection("c").ensure_index({"type": "ttl", "fields": ["at"], "expireAfter": 0})
    fill(where, "c", {"_key": "old", "at": 0})
    with Transaction(where, exclusive=["c"]):
        app.tidy()
        assert list(where.collection("c").documents) == ["old"]
    app.tidy()
    assert not where.collection("c").documents
