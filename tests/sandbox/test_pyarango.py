"""pyArango, as it is, against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pyArango.collection import BulkOperation
from pyArango.connection import Connection
from pyArango.theExceptions import (
    AQLQueryError,
    CreationError,
    UniqueConstrainViolation,
)
from pyArango.theExceptions import ConnectionError as Refused

from arangolab.sandbox.launcher import SandboxProcess
from arangolab.scenarios import login

USERS = 30
GROUPS = 10


@pytest.fixture(scope="module")
def connection(sandbox: SandboxProcess) -> Connection:
    """A connection with Basic authentication."""
    return Connection(arangoURL=sandbox.url, username="root", password="")


@pytest.fixture(scope="module")
def db(connection: Connection) -> Iterator[Any]:
    """A database with the graph of the login scenario: user i is in i % 10 groups."""
    made = connection.createDatabase("pyarango")
    users = made.createCollection("Collection", name="user")
    made.createCollection("Collection", name="groups")
    made.createCollection("Edges", name="userToGroups")
    users.ensureHashIndex(["count"], unique=False)
    user = [{"_key": f"user_{i}", "count": i, "counter": 0} for i in range(1, USERS + 1)]
    groups = [{"_key": f"group_{j}", "counter": 0} for j in range(GROUPS)]
    edges = [
        {"_key": f"{i}_{j}", "_from": f"user/user_{i}", "_to": f"groups/group_{(i + j) % GROUPS}"}
        for i in range(1, USERS + 1)
        for j in range(i % 10)
    ]
    for name, documents in (("user", user), ("groups", groups), ("userToGroups", edges)):
        told = made[name].importBulk(documents, type="array", complete="true")
        assert told["created"] == len(documents)
    yield made
    connection.reload()


def counters(db: Any, name: str) -> int:
    """The sum of all counters of a collection."""
    text = "RETURN SUM(FOR d IN @@c RETURN d.counter)"
    total: int = db.AQLQuery(text, bindVars={"@c": name}, rawResults=True)[0]
    return total


def test_login_transaction(db: Any) -> None:
    """R logins raise the users' counters by R and the groups' by the memberships."""
    before = counters(db, "user"), counters(db, "groups")
    for i in (1, 7, 10, 27):
        params = {"key": f"user_{i}", "now": 1_700_000_000_000}
        found = db.AQLQuery(login.READ_USER, rawResults=True, bindVars={"key": f"user_{i}"})
        assert [user["count"] for user in found] == [i]
        reply = db.transaction(login.COLLECTIONS, login.COUNT_LOGIN, params=params)
        assert reply["result"]["updateUser"]["writes"] == 1
        assert reply["result"]["updateGroups"]["writes"] == i % 10
        assert all(step["ms"] >= 0 for step in reply["result"].values())
    assert counters(db, "user") - before[0] == 4
    assert counters(db, "groups") - before[1] == 1 + 7 + 0 + 7


def test_documents(db: Any) -> None:
    """Documents are created, fetched, patched, replaced, deleted."""
    things = db.createCollection("Collection", name="things")
    thing = things.createDocument({"name": "a", "n": 1})
    thing.save()
    thing["n"] = 2
    thing.patch()
    thing["m"] = 3
    thing.save()
    assert things[thing._key].getStore()["n"] == 2
    assert things.fetchDocument(thing._key, rawResults=True)["m"] == 3
    assert things.fetchFirstExample({"n": 2})[0]["name"] == "a"
    assert [one["n"] for one in things.fetchByExample({"name": "a"}, batchSize=1)] == [2]
    assert len(things.fetchAll()) == 1
    twin = things.createDocument({"_key": thing._key})
    with pytest.raises(UniqueConstrainViolation):
        twin.save()
    thing.delete()
    assert things.count() == 0
    with pytest.raises(CreationError):
        db.createCollection("Collection", name="things")


def test_many_documents(db: Any) -> None:
    """Documents are saved in bulk, and a collection truncated and dropped."""
    many = db.createCollection("Collection", name="many")
    with BulkOperation(many, batchSize=10) as bulk:
        for number in range(25):
            bulk.createDocument({"number": number}).save()
    assert many.count() == 25
    many.truncate()
    assert many.count() == 0
    many.delete()
    db.reload()
    assert not db.hasCollection("many")


def test_queries_in_batches(db: Any) -> None:
    """A result is fetched batch by batch; errors are pyArango's."""
    query = db.AQLQuery("FOR i IN 1..25 RETURN i", batchSize=10, rawResults=True, count=True)
    assert query.count == 25
    assert list(query) == list(range(1, 26))
    with pytest.raises(AQLQueryError, match="syntax error"):
        db.AQLQuery("FOR FOR")
    assert "nodes" in db.explainAQLQuery("FOR u IN user RETURN u")["plan"]


def test_users_and_grants(connection: Connection, db: Any) -> None:
    """A user with a grant gets into the database, without one not."""
    user = connection.users.createUser("pya", "secret")
    user.save()
    user.setPermissions("pyarango", True)
    own = Connection(arangoURL=connection.arangoURL, username="pya", password="secret")
    assert own.hasDatabase("pyarango")
    assert not own.hasDatabase("_system")
    assert own["pyarango"].AQLQuery("RETURN 1", rawResults=True)[0] == 1
    connection.users["pya"].delete()
    with pytest.raises(Refused, match="Unauthorized"):
        Connection(arangoURL=connection.arangoURL, username="pya", password="secret")


def test_reloading_sees_what_others_made(connection: Connection, db: Any) -> None:
    """Collections, graphs and version come from the server."""
    db.reload()
    assert db.hasCollection("userToGroups")
    assert connection.getVersion()["server"] == "arango"
    assert db["user"].properties()["type"] == 2
    assert [index.infos["fields"] for index in db["user"].getIndexes()["hash"].values()] == [
        ["count"]
    ]
