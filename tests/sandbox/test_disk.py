"""--data FILE: what was acknowledged is there again, however the process ended."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from arangolab.errors import SandboxError
from arangolab.sandbox.disk import Disk
from arangolab.sandbox.launcher import SandboxProcess, start
from arangolab.sandbox.store import Collection, Server
from arangolab.sandbox.transaction import Transaction
from tests.sandbox.client import Client
from tests.sandbox.world import fill, refused, treat
from tests.support import until

Make = Callable[..., SandboxProcess]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a sandbox keeps its data."""
    return tmp_path / "kept.sqlite"


def kept(make_sandbox: Make, file: Path, **knobs: float) -> SandboxProcess:
    """A sandbox that keeps its data in that file."""
    return make_sandbox(options=("--data", str(file)), **knobs)


@pytest.mark.slow
def test_kill_9_loses_nothing_acknowledged(make_sandbox: Make, file: Path) -> None:
    """Four clients write until the server is killed; each write that was answered is there."""
    sandbox = kept(make_sandbox, file)
    Client(sandbox).collection("c")
    Client(sandbox).collection("counter", {"_key": "one", "n": 0})
    acknowledged: list[str] = []
    counted: list[int] = []

    def insert(who: int) -> None:
        client = Client(sandbox)
        with contextlib.suppress(requests.RequestException):
            for number in range(100_000):
                key = f"{who}-{number}"
                if client.ask("POST", "/_api/document/c", {"_key": key}).status_code == 202:
                    acknowledged.append(key)

    def count() -> None:
        client = Client(sandbox)
        script = """function () { return require('@arangodb').db._query(
            "FOR d IN counter UPDATE d WITH {n: d.n + 1} IN counter RETURN NEW.n").toArray()[0] }"""
        with contextlib.suppress(requests.RequestException):
            while True:
                counted.append(client.script(script, write=["counter"]).json()["result"])

    threads = [threading.Thread(target=insert, args=(who,)) for who in range(3)]
    threads.append(threading.Thread(target=count))
    for thread in threads:
        thread.start()
    until(lambda: len(acknowledged) > 300 and len(counted) > 20, timeout_s=30)
    os.kill(sandbox.pid, signal.SIGKILL)
    for thread in threads:
        thread.join(20)
    client = Client(kept(make_sandbox, file))
    there = set(client.query("FOR d IN c RETURN d._key"))
    assert set(acknowledged) <= there
    assert len(there) <= len(acknowledged) + 3
    assert client.query("FOR d IN counter RETURN d.n")[0] in (counted[-1], counted[-1] + 1)


@pytest.mark.slow
def test_definitions_come_back(make_sandbox: Make, file: Path) -> None:
    """Databases, collections, indexes, graphs, users and keys go on where they were."""
    sandbox = kept(make_sandbox, file)
    root = Client(sandbox)
    root.good("POST", "/_api/database", {"name": "shop"})
    client = root.at("shop")
    client.good(
        "POST", "/_api/collection", {"name": "auto", "keyOptions": {"type": "autoincrement"}}
    )
    client.good("POST", "/_api/collection", {"name": "ids", "keyOptions": {"type": "uuid"}})
    first = [client.good("POST", "/_api/document/auto", {"n": n})["_key"] for n in range(2)]
    client.collection("old", {"_key": "a", "n": 5, "big": 2**70})
    client.collection("gone", {"_key": "a"})
    index = {"type": "persistent", "fields": ["n"], "unique": True, "name": "by_n"}
    client.good("POST", "/_api/index?collection=old", index)
    client.good("PUT", "/_api/collection/old/rename", {"name": "new"})
    edges = [{"collection": "knows", "from": ["new"], "to": ["new"]}]
    client.good("POST", "/_api/gharial", {"name": "g", "edgeDefinitions": edges})
    client.good("POST", "/_api/document/knows", {"_from": "new/a", "_to": "new/a"})
    client.good("DELETE", "/_api/collection/gone")
    root.good("POST", "/_api/user", {"user": "eve", "passwd": "apple"})
    root.good("PUT", "/_api/user/eve/database/shop", {"grant": "ro"})
    before = [client.get(f"/_api/collection/{name}/properties") for name in ("new", "ids")]
    sandbox.stop()
    again = Client(kept(make_sandbox, file), "shop")
    assert [again.get(f"/_api/collection/{name}/properties") for name in ("new", "ids")] == before
    assert again.query("FOR d IN new FILTER d.n == 5 RETURN [d._id, d.big]") == [["new/a", 2**70]]
    assert again.refused("POST", "/_api/document/new", {"n": 5})[:2] == (409, 1210)
    assert [one["name"] for one in again.get("/_api/gharial")["graphs"]] == ["g"]
    assert again.query("FOR e IN knows RETURN 1") == [1]
    assert again.ask("GET", "/_api/collection/gone").status_code == 404
    assert int(again.good("POST", "/_api/document/auto", {})["_key"]) == int(first[-1]) + 1
    again.session.auth = ("eve", "apple")
    assert again.ask("GET", "/_api/document/new/a").status_code == 200
    assert again.ask("POST", "/_api/document/new", {}).status_code == 403


@pytest.mark.slow
def test_a_file_that_cannot_be_used(file: Path, tmp_path: Path) -> None:
    """A folder that is not there, another program's file: one sentence, nothing touched."""
    with pytest.raises(SandboxError, match="cannot be used"):
        start(options=("--data", str(tmp_path / "no" / "where")))
    with contextlib.closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE precious (a)")
    before = file.read_bytes()
    with pytest.raises(SandboxError, match="was not made by the sandbox"):
        start(options=("--data", str(file)))
    assert file.read_bytes() == before


@pytest.mark.slow
def test_two_sandboxes_cannot_share_a_file(make_sandbox: Make, file: Path) -> None:
    """The second says that the file is in use; the first goes on. The file is its owner's alone."""
    sandbox = kept(make_sandbox, file)
    with pytest.raises(SandboxError, match=r"cannot be used \(database is locked\)"):
        kept(make_sandbox, file)
    assert Client(sandbox).query("RETURN 1") == [1]
    assert file.stat().st_mode & 0o077 == 0


def test_what_cannot_be_kept_is_not_written(file: Path) -> None:
    """A commit that fails on disk is refused as a whole, and holds nothing afterwards."""
    store, disk = Server(), Disk(file)
    disk.load(store)
    where = store.databases["_system"]
    made = where.create_collection("c")
    disk.close()
    with refused(2, says="not kept on disk"), Transaction(where, write=["c"]) as trx:
        treat(trx, "POST", "c", body={"n": 1})
    assert (made.documents, made.claims, where.open) == ({}, {}, set())


class Watched(dict[str, Collection]):
    """Collections by name; the definitions are kept between any two changes of these."""

    disk: Disk

    def __setitem__(self, name: str, collection: Collection) -> None:
        super().__setitem__(name, collection)
        self.disk.write()

    def __delitem__(self, name: str) -> None:
        super().__delitem__(name)
        self.disk.write()

    def pop(self, name: str, *usual: Any) -> Any:
        """Taken out."""
        taken = super().pop(name, *usual)
        self.disk.write()
        return taken


def test_a_renamed_collection_is_never_without_documents(file: Path) -> None:
    """Whatever is kept while a collection gets another name, its documents stay in the file."""
    (disk := Disk(file)).load(store := Server())
    where = store.database("_system")
    where.create_collection("old")
    fill(where, "old", {"_key": "a"})
    where.collections = Watched(where.collections)
    where.collections.disk = disk
    where.rename_collection("old", "new")
    disk.close()
    Disk(file).load(again := Server())
    assert list(again.database("_system").collection("new").documents) == ["a"]


def test_files_with_options_that_are_refused_now(file: Path) -> None:
    """A collection comes back with the options it had, whether they could be asked for or not."""
    (disk := Disk(file)).load(store := Server())
    made = store.database("_system").create_collection("c")
    made.options |= {"cacheEnabled": 1}
    made.key_options |= {"more": "unknown"}
    disk.write()
    disk.close()
    Disk(file).load(again := Server())
    told = again.database("_system").collection("c").options
    assert (told["cacheEnabled"], told["keyOptions"]["more"]) == (1, "unknown")
