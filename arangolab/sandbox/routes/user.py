"""Users and what they may do."""

from __future__ import annotations

from typing import Any

from arangolab.sandbox.call import Call, ok
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import Reply
from arangolab.sandbox.table import route


def _only_root(call: Call, name: str | None = None) -> None:
    """ArangoError 11: administrators may do this, or the user it is about."""
    if call.user != name and call.app.auth.level(call.user, "_system") != "rw":
        raise ArangoError(11)


def _shown(call: Call, name: str) -> dict[str, Any]:
    user = call.app.auth.user(name)
    return {"user": name, "active": user["active"], "extra": user["extra"]}


@route("GET", "/_api/user")
def listed(call: Call) -> Reply:
    """All users."""
    _only_root(call)
    return ok(result=[_shown(call, name) for name in list(call.store.users)])


@route("POST", "/_api/user")
def create(call: Call) -> Reply:
    """A new user."""
    _only_root(call)
    body = call.object()
    name = body.get("user")
    if type(name) is not str:
        raise ArangoError(400, "expecting 'user' in the request")
    call.app.auth.save(
        name, _password(body), active=bool(body.get("active", True)), extra=body.get("extra")
    )
    return ok(201, **_shown(call, name))


def _password(body: dict[str, Any]) -> str:
    password = body.get("passwd", body.get("password", ""))
    if type(password) is not str:
        raise ArangoError(10, "expecting string for 'passwd'")
    return password


@route("GET", "/_api/user/{}")
def get(call: Call) -> Reply:
    """One user."""
    _only_root(call, call.words[0])
    return ok(**_shown(call, call.words[0]))


@route("PUT", "/_api/user/{}")
@route("PATCH", "/_api/user/{}")
def change(call: Call) -> Reply:
    """Change a user; PUT sets what is not given to its default."""
    name = call.words[0]
    _only_root(call, name)
    body, user = call.object(), call.app.auth.user(name)
    whole = call.request.method == "PUT"
    if whole or "passwd" in body:
        call.app.auth.set_password(name, _password(body))
    if whole or "active" in body:
        user["active"] = bool(body.get("active", True))
    if whole or "extra" in body:
        user["extra"] = body.get("extra") or {}
    call.app.auth.forget()
    return ok(**_shown(call, name))


@route("DELETE", "/_api/user/{}")
def remove(call: Call) -> Reply:
    """Remove a user."""
    _only_root(call)
    call.app.auth.remove(call.words[0])
    return ok(202)


# ---- grants


@route("GET", "/_api/user/{}/database")
def databases(call: Call) -> Reply:
    """What the user may do in which database; with ?full=true in which collection too."""
    name = call.words[0]
    _only_root(call, name)
    auth = call.app.auth
    auth.user(name)
    if not call.request.flag("full"):
        levels = {one: auth.level(name, one) for one in call.store.databases}
        return ok(result={one: level for one, level in levels.items() if level != "none"})
    shown: dict[str, Any] = {}
    for database in list(call.store.databases.values()):
        collections = {
            one: auth.collection_level(name, database.name, one) for one in database.collections
        }
        shown[database.name] = {
            "permission": auth.level(name, database.name),
            "collections": {**collections, "*": "undefined"},
        }
    shown["*"] = {"permission": auth.level(name, "*"), "collections": {"*": "undefined"}}
    return ok(result=shown)


@route("GET", "/_api/user/{}/database/{}")
def database_grant(call: Call) -> Reply:
    """What the user may do in a database."""
    name, database = call.words
    _only_root(call, name)
    return ok(result=call.app.auth.level(name, database))


@route("GET", "/_api/user/{}/database/{}/{}")
def collection_grant(call: Call) -> Reply:
    """What the user may do in a collection."""
    name, database, collection = call.words
    _only_root(call, name)
    return ok(result=call.app.auth.collection_level(name, database, collection))


@route("PUT", "/_api/user/{}/database/{}")
def grant_database(call: Call) -> Reply:
    """Let the user do something in a database."""
    name, database = call.words
    return _grant(call, name, database, call.object().get("grant"))


@route("PUT", "/_api/user/{}/database/{}/{}")
def grant_collection(call: Call) -> Reply:
    """Let the user do something in a collection."""
    name, database, collection = call.words
    if collection != "*" and database != "*":
        call.store.database(database).collection(collection)
    return _grant(call, name, f"{database}/{collection}", call.object().get("grant"))


def _grant(call: Call, name: str, where: str, level: Any) -> Reply:
    _only_root(call)
    if type(level) is not str:
        raise ArangoError(10, "expecting 'grant' in the request")
    call.app.auth.grant(name, where, level)
    return ok(**{where: level})


@route("DELETE", "/_api/user/{}/database/{}")
@route("DELETE", "/_api/user/{}/database/{}/{}")
def revoke(call: Call) -> Reply:
    """Take back what was granted."""
    _only_root(call)
    call.app.auth.grant(call.words[0], "/".join(call.words[1:]), None)
    return ok(202)
