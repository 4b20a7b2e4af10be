"""Databases: made, listed, dropped."""

from __future__ import annotations

from typing import Any

from arangolab.sandbox.call import Call, ok
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import Reply
from arangolab.sandbox.table import route


@route("GET", "/_api/database", system=True)
def listed(call: Call) -> Reply:
    """All databases."""
    return ok(result=list(call.store.databases))


@route("GET", "/_api/database/user")
def own(call: Call) -> Reply:
    """The databases the user may use."""
    level = call.app.auth.level
    return ok(result=[name for name in call.store.databases if level(call.user, name) != "none"])


@route("GET", "/_api/database/current")
def current(call: Call) -> Reply:
    """The database of the path."""
    database = call.database
    return ok(
        result={
            "id": database.id,
            "name": database.name,
            "isSystem": database.name == "_system",
            "path": "none",
        }
    )


@route("POST", "/_api/database", system=True)
def create(call: Call) -> Reply:
    """A new database, with users if there are any in the request."""
    body = call.object()
    users = body.get("users") or []
    if type(users) is not list or not all(type(user) is dict for user in users):
        raise ArangoError(10, "expecting array for 'users'")
    call.store.create_database(body.get("name", ""))
    auth = call.app.auth
    auth.grant(call.user, body["name"], "rw")
    for user in users:
        _enter(call, user, body["name"])
    return ok(201, result=True)


def _enter(call: Call, user: dict[str, Any], database: str) -> None:
    auth, name = call.app.auth, user.get("username") or user.get("user")
    if type(name) is not str or not name:
        raise ArangoError(10, "a user of the new database has no name")
    if name not in call.store.users:
        auth.save(
            name,
            str(user.get("passwd") or user.get("password") or ""),
            active=bool(user.get("active", True)),
            extra=user.get("extra"),
        )
    auth.grant(name, database, "rw")


@route("DELETE", "/_api/database/{}", system=True)
def drop(call: Call) -> Reply:
    """Drop a database."""
    call.store.drop_database(call.words[0])
    for user in list(call.store.users.values()):
        user["grants"].pop(call.words[0], None)
    return ok(result=True)
