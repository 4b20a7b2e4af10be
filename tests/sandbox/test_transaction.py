"""Transactions: overlay, snapshots, claims, locks; alone and among many threads."""

from __future__ import annotations

import contextlib
import random
import sys
import threading
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.store import Database
from arangolab.sandbox.transaction import Transaction
from arangolab.sandbox.values import sort_key
from arangolab.sandbox.view import View
from tests.sandbox.world import database, fill, refused, treat


@pytest.fixture
def where() -> Database:
    """A database with one user."""
    made = database("user", "groups", edges=("knows",))
    fill(made, "user", {"_key": "a", "counter": 0, "tags": {"x": 1, "y": 2}})
    return made


def test_writes_are_private_until_commit(where: Database) -> None:
    """The transaction sees its writes, nobody else does; abort forgets them."""
    trx = Transaction(where, write=["user"])
    treat(trx, "PATCH", "user", "a", {"counter": 5})
    treat(trx, "POST", "user", body={"_key": "b"})
    assert (trx.view("user").by_key("a")["counter"], trx.view("user").count()) == (5, 2)
    with Transaction(where) as other:
        assert (other.view("user").by_key("a")["counter"], other.view("user").count()) == (0, 1)
    trx.abort()
    assert where.collection("user").documents["a"]["counter"] == 0
    assert where.collection("user").claims == {}


def test_counting_looks_at_what_changed_alone(
    where: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction counts without a look at each document, whatever was written meanwhile."""
    monkeypatch.setattr(View, "scan", None)
    with Transaction(where, write=["user"]) as trx, Transaction(where) as other:
        treat(trx, "POST", "user", body={"_key": "b"})
        treat(trx, "DELETE", "user", "a")
        treat(trx, "POST", "user", body={"_key": "c"})
        assert (trx.view("user").count(), other.view("user").count()) == (2, 1)
        trx.commit()
        assert (len(where.collection("user").documents), other.view("user").count()) == (2, 1)


def test_an_exception_aborts(where: Database) -> None:
    """Leaving the with block by an exception forgets all writes."""

    def work() -> None:
        with Transaction(where, write=["user"]) as trx:
            treat(trx, "DELETE", "user", "a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert len(where.collection("user").documents) == 1


def test_a_transaction_sees_the_state_at_its_begin(where: Database) -> None:
    """Later commits of others stay invisible: by key, in scans, by index and in counts."""
    where.collection("user").ensure_index({"type": "persistent", "fields": ["counter"]})
    reader = Transaction(where)
    with Transaction(where, write=["user"]) as writer:
        treat(writer, "PATCH", "user", "a", {"counter": 1})
        treat(writer, "POST", "user", body={"_key": "b", "counter": 0})
    assert reader.view("user").by_key("a")["counter"] == 0
    assert [d["_key"] for d in reader.view("user").scan()] == ["a"]
    assert [d["_key"] for d in reader.view("user").by_example({"counter": 0})] == ["a"]
    assert reader.view("user").by_example({"counter": 1}) == []
    assert reader.view("user").count() == 1
    reader.commit()
    assert where.open == set(), "nobody needs the old state any more"


def test_a_collection_used_late_is_seen_as_at_the_begin(where: Database) -> None:
    """What others commit before a transaction first looks at a collection stays invisible, too."""
    late = Transaction(where, declared=False)
    fill(where, "groups", {"_key": "g"})
    assert (late.view("groups").count(), late.view("groups").get("g")) == (0, None)
    with refused(1200):
        treat(late, "POST", "groups", body={"_key": "g"})
    late.abort()
    assert where.collection("groups").claims == {}


def test_a_claimed_key_conflicts_at_once(where: Database) -> None:
    """Who writes a key second gets 1200, until the first is over."""
    first = Transaction(where, write=["user"])
    treat(first, "PATCH", "user", "a", {"counter": 1})
    with Transaction(where, write=["user"]) as second, refused(1200):
        treat(second, "PATCH", "user", "a", {"counter": 2})
    first.abort()
    with Transaction(where, write=["user"]) as third:
        treat(third, "PATCH", "user", "a", {"counter": 3})
    assert where.collection("user").documents["a"]["counter"] == 3


def test_a_change_since_the_begin_conflicts(where: Database) -> None:
    """Writing what another committed meanwhile would lose its update: 1200."""
    late = Transaction(where, write=["user"])
    with Transaction(where, write=["user"]) as quick:
        treat(quick, "PATCH", "user", "a", {"counter": 1})
    with refused(1200):
        treat(late, "PATCH", "user", "a", {"counter": 9})
    late.abort()


def test_two_inserts_of_one_key_conflict(where: Database) -> None:
    """An insert claims its key, too."""
    first = Transaction(where, write=["user"])
    treat(first, "POST", "user", body={"_key": "n"})
    with Transaction(where, write=["user"]) as second, refused(1200):
        treat(second, "POST", "user", body={"_key": "n"})
    first.commit()
    with Transaction(where, write=["user"]) as third, refused(1210):
        treat(third, "POST", "user", body={"_key": "n"})


def test_undeclared_collections(where: Database) -> None:
    """A write needs a declaration, a read only without allow_implicit; unknown names are 1203."""
    with Transaction(where, read=["user"]) as trx:
        assert trx.view("groups").count() == 0
        with refused(1652):
            treat(trx, "POST", "groups", body={})
        with refused(1652):
            treat(trx, "PATCH", "user", "a", {})
        with refused(1203):
            trx.view("nowhere").count()
    with Transaction(where, read=["user"], allow_implicit=False) as trx, refused(1652):
        trx.view("groups").count()
    with refused(1203):
        Transaction(where, write=["nowhere"])


def test_an_exclusive_lock_waits_and_gives_up(where: Database) -> None:
    """While one has the collection alone, others wait for lock_timeout_s and get 18."""
    with Transaction(where, exclusive=["user"]):
        with refused(18):
            Transaction(where, exclusive=["groups", "user"], lock_timeout_s=0.01)
        with refused(18):
            Transaction(where, write=["user"], lock_timeout_s=0.01)
        with Transaction(where, read=["user"]) as reader:
            assert reader.view("user").count() == 1, "readers do not wait"
    with Transaction(where, exclusive=["groups", "user"], lock_timeout_s=0.01):
        pass


def test_after_the_end_nothing_works(where: Database) -> None:
    """A finished transaction refuses work with 1655 and may be ended again."""
    trx = Transaction(where, write=["user"])
    trx.commit()
    trx.abort()
    with refused(1655):
        trx.view("user").count()


@pytest.mark.parametrize(
    ("options", "patch", "after"),
    [
        ({}, {"tags": {"z": None}}, {"x": 1, "y": 2, "z": None}),
        ({"keepNull": False}, {"tags": {"x": None}}, {"y": 2}),
        ({"mergeObjects": False}, {"tags": {"z": 3}}, {"z": 3}),
        ({}, {"tags": [1]}, [1]),
    ],
)
def test_updates_merge(
    where: Database, options: dict[str, Any], patch: Document, after: Any
) -> None:
    """KeepNull and mergeObjects work as in ArangoDB."""
    with Transaction(where, write=["user"]) as trx:
        change = treat(trx, "PATCH", "user", "a", patch, **options)
    assert change["new"]["tags"] == after


def test_replace_remove_and_revisions(where: Database) -> None:
    """A replace keeps only system attributes; a wrong _rev is 1200, a missing document 1202."""
    with Transaction(where, write=["user"]) as trx:
        with refused(1200):
            treat(trx, "PUT", "user", "a", {}, rev="_other")
        new = treat(trx, "PUT", "user", "a", {"n": 1, "_key": "ignored"})["new"]
        assert (new["_key"], new["n"], "tags" in new) == ("a", 1, False)
        treat(trx, "DELETE", "user", "a", rev=new["_rev"])
        with refused(1202):
            treat(trx, "PATCH", "user", "a", {})
        treat(trx, "POST", "user", body={"_key": "a", "again": True})
    assert where.collection("user").documents["a"]["again"] is True


@pytest.mark.parametrize(
    ("mode", "after"),
    [
        ("ignore", {"counter": 0, "tags": {"x": 1, "y": 2}}),
        ("replace", {"new": 1}),
        ("update", {"counter": 0, "tags": {"x": 1, "y": 2}, "new": 1}),
    ],
)
def test_overwrite_modes(where: Database, mode: Any, after: Document) -> None:
    """An insert of an existing key ignores, replaces or updates, if asked to."""
    with Transaction(where, write=["user"]) as trx:
        treat(trx, "POST", "user", body={"_key": "a", "new": 1}, overwriteMode=mode)
    document = where.collection("user").documents["a"]
    assert {name: value for name, value in document.items() if name[0] != "_"} == after


def test_unique_values_hold_in_the_overlay_and_against_others(where: Database) -> None:
    """1210 for a value that is taken, 1200 while another writes it; a freed one can be taken."""
    where.collection("user").ensure_index({"type": "hash", "fields": ["mail"], "unique": True})
    with Transaction(where, write=["user"]) as trx:
        treat(trx, "PATCH", "user", "a", {"mail": "x"})
        with refused(1210):
            treat(trx, "POST", "user", body={"_key": "b", "mail": "x"})
        with Transaction(where, write=["user"]) as other, refused(1200):
            treat(other, "POST", "user", body={"mail": "x"})
        treat(trx, "PATCH", "user", "a", {"mail": "y"})
        treat(trx, "POST", "user", body={"_key": "c", "mail": "x"})
    with Transaction(where, write=["user"]) as trx, refused(1210):
        treat(trx, "POST", "user", body={"mail": "y"})


def test_unique_values_of_documents_that_were_only_touched(where: Database) -> None:
    """An own write that keeps its unique value still holds it against a second document."""
    where.collection("user").ensure_index({"type": "hash", "fields": ["mail"], "unique": True})
    fill(where, "user", {"_key": "m", "mail": "x"})
    with Transaction(where, write=["user"]) as trx:
        treat(trx, "PATCH", "user", "m", {"counter": 1})
        with refused(1210):
            treat(trx, "POST", "user", body={"mail": "x"})
        treat(trx, "DELETE", "user", "m")
        treat(trx, "POST", "user", body={"_key": "n", "mail": "x"})


def test_truncate_and_edges(where: Database) -> None:
    """Edges are found from both ends, a loop once; truncate empties."""
    fill(where, "knows", {"_from": "user/a", "_to": "user/b"}, {"_from": "user/a", "_to": "user/a"})
    with Transaction(where, write=["knows"]) as trx:
        found = [
            len(trx.view("knows").edges("user/a", way)) for way in ("outbound", "inbound", "any")
        ]
        assert found == [2, 1, 2]
        trx.truncate("knows")
        assert trx.view("knows").edges("user/a") == []
    assert len(where.collection("knows").all_indexes) == 2


def test_many_threads_lose_no_update_and_read_nothing_dirty() -> None:
    """Transfers between two hot accounts: every reader sees the same sum, every commit counts."""
    where = database("account")
    fill(where, "account", *({"_key": str(i), "balance": 100, "moves": 0} for i in range(3)))
    end = time.monotonic() + 0.7
    sums: set[float] = set()
    commits: list[int] = []
    errors: set[int] = set()
    seen_uncommitted: list[Any] = []

    def write(seed: int) -> None:
        choice = random.Random(seed)  # noqa: S311
        done = 0
        while time.monotonic() < end:
            source, target = choice.sample("012", 2)
            trx = Transaction(where, write=["account"])
            try:
                for key, amount in ((source, -1), (target, 1)):
                    old = trx.view("account").by_key(key)
                    changes = {"balance": old["balance"] + amount, "moves": old["moves"] + 1}
                    treat(trx, "PATCH", "account", key, changes)
                if choice.random() < 0.2:
                    treat(trx, "PATCH", "account", source, {"balance": -1000})
                    trx.abort()
                else:
                    trx.commit()
                    done += 1
            except ArangoError as error:
                errors.add(error.error_num)
                trx.abort()
        commits.append(done)

    def read() -> None:
        while time.monotonic() < end:
            with Transaction(where) as trx:
                balances = [trx.view("account").by_key(str(i))["balance"] for i in range(3)]
                again = [d["balance"] for d in trx.view("account").scan()]
            sums.update((sum(balances), sum(again)))
            seen_uncommitted.extend(b for b in balances if b <= -900)

    threads = [threading.Thread(target=write, args=(i,)) for i in range(6)]
    threads += [threading.Thread(target=read) for _ in range(3)]
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    finally:
        sys.setswitchinterval(0.005)
    documents = where.collection("account").documents.values()
    assert sum(d["moves"] for d in documents) == 2 * sum(commits)
    assert sums == {300}
    assert seen_uncommitted == []
    assert errors <= {1200}
    assert sum(commits) > 0
    assert where.collection("account").claims == {}
    assert where.open == set()


def test_exclusive_writers_never_conflict() -> None:
    """With exclusive locks in alphabetical order all increments succeed, whatever the order."""
    where = database("one", "two")
    fill(where, "one", {"_key": "n", "v": 0})
    fill(where, "two", {"_key": "n", "v": 0})

    def work(names: list[str]) -> None:
        for _ in range(40):
            with Transaction(where, exclusive=names) as trx:
                for name in names:
                    treat(trx, "PATCH", name, "n", {"v": trx.view(name).by_key("n")["v"] + 1})

    threads = [
        threading.Thread(target=work, args=(names,))
        for names in (["one", "two"], ["two", "one"], ["two"], ["one"])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert [where.collection(name).documents["n"]["v"] for name in ("one", "two")] == [120, 120]


KEYS = st.sampled_from("abcd")
VALUES = st.sampled_from([None, 0, 1, "1", True])
STEPS = st.lists(
    st.tuples(st.sampled_from(["put", "remove", "other"]), KEYS, VALUES, VALUES), max_size=12
)


@settings(max_examples=80, deadline=None)
@given(before=STEPS, during=STEPS, sparse=st.booleans())
def test_lookups_through_the_overlay_agree_with_a_plain_model(
    before: list[Any], during: list[Any], sparse: bool
) -> None:
    """Scan, key, index and count see committed state plus own writes, never others' commits."""
    where = database("c")
    where.collection("c").ensure_index({"type": "hash", "fields": ["v"], "sparse": sparse})
    where.collection("c").ensure_index({"type": "hash", "fields": ["v", "w"]})
    model: dict[str, tuple[Any, Any]] = {}
    with Transaction(where, write=["c"]) as trx:
        for step in before:
            _apply(trx, model, step)
    trx = Transaction(where, write=["c"])
    own: set[str] = set()
    for kind, key, v, w in during:
        if kind == "other":
            if key not in own:
                with Transaction(where, write=["c"]) as other:
                    _apply(other, {}, ("put", key, v, w))
        else:
            with contextlib.suppress(ArangoError):
                _apply(trx, model, (kind, key, v, w))
                own.add(key)
    _check(trx, model)
    trx.abort()


def _apply(trx: Transaction, model: dict[str, tuple[Any, Any]], step: Any) -> None:
    kind, key, v, w = step
    if kind == "remove":
        if trx.view("c").get(key) is not None:
            treat(trx, "DELETE", "c", key)
        model.pop(key, None)
    else:
        treat(trx, "POST", "c", body={"_key": key, "v": v, "w": w}, overwriteMode="replace")
        model[key] = (v, w)


def _check(trx: Transaction, model: dict[str, tuple[Any, Any]]) -> None:
    view, ends = trx.view("c"), ((sort_key(0),), (sort_key(1),))
    ranged = {d["_key"] for d in view.by_range(view.collection.indexes[1], *ends)}
    assert ranged == {k for k, (v, _) in model.items() if type(v) is int}
    assert {d["_key"]: (d["v"], d["w"]) for d in trx.view("c").scan()} == model
    assert trx.view("c").count() == len(model)
    for key in "abcd":
        document = trx.view("c").get(key)
        assert (document and (document["v"], document["w"])) == model.get(key)
    for v in (None, 0, 1, "1", True):
        same = {k for k, (a, _) in model.items() if type(a) is type(v) and a == v}
        assert {d["_key"] for d in trx.view("c").by_example({"v": v})} == same
        both = {k for k in same if model[k][1] is None}
        assert {d["_key"] for d in trx.view("c").by_example({"w": None, "v": v})} == both
