"""Users and what they may do; databases, which are made with users."""

from __future__ import annotations

from typing import Any

from arangolab.sandbox.call import Call, plain, read
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import Reply

Fields = dict[str, Any]


def log_in(call: Call) -> Reply:
    """A JWT for user and password."""
    if not call.app.auth.enabled:
        raise ArangoError(404, "unknown path '/_open/auth'")
    body = call.object()
    name, password = body.get("username"), body.get("password")
    if type(name) is not str or type(password) is not str:
        raise ArangoError(400, "expecting 'username' and 'password' in the request")
    return plain({"jwt": call.app.auth.token(name, password)})


def _only_root(call: Call, name: str | None = None) -> None:
    """ArangoError 11: administrators may do this, or the user it is about."""
    if call.user != name and call.app.auth.level(call.user, "_system") != "rw":
        raise ArangoError(11)


def _shown(call: Call, name: str) -> Fields:
    user = call.app.auth.user(name)
    return {"user": name, "active": user["active"], "extra": user["extra"]}


def listed(call: Call) -> Fields:
    """All users."""
    _only_root(call)
    return {"result": [_shown(call, name) for name in list(call.store.users)]}


def create(call: Call) -> Fields:
    """A new user."""
    _only_root(call)
    body = call.object()
    name = body.get("user")
    if type(name) is not str:
        raise ArangoError(400, "expecting 'user' in the request")
    call.app.auth.save(name, **_changes(body, whole=True))
    call.status = 201
    return _shown(call, name)


def _changes(body: Fields, *, whole: bool) -> Fields:
    """Password, active and extra as a body has them; the ``whole`` with what is usual."""
    usual = {"password": "", "active": True, "extra": {}} if whole else {}
    given = {"password": body.get("passwd", body.get("password"))}
    given |= {"active": body.get("active"), "extra": body.get("extra")}
    found = usual | {name: value for name, value in given.items() if value is not None}
    if type(found.get("password", "")) is not str:
        raise ArangoError(10, "expecting string for 'passwd'")
    return found


def get(call: Call, name: str) -> Fields:
    """One user."""
    _only_root(call, name)
    return _shown(call, name)


def change(call: Call, name: str) -> Fields:
    """Change a user; PUT sets what is not given to its default."""
    _only_root(call, name)
    whole = call.request.method == "PUT"
    call.app.auth.change(name, **_changes(call.object(), whole=whole))
    return _shown(call, name)


def remove(call: Call, name: str) -> Fields:
    """Remove a user."""
    _only_root(call)
    call.app.auth.remove(name)
    call.status = 202
    return {}


# ---- grants


def grants(call: Call, name: str) -> Fields:
    """What the user may do in which database; with ?full=true in which collection too."""
    _only_root(call, name)
    auth, databases = call.app.auth, list(call.store.databases.values())
    if not call.flag("full"):
        levels = {one.name: auth.level(name, one.name) for one in databases}
        return {"result": {one: level for one, level in levels.items() if level != "none"}}
    told: Fields = {"*": {}}
    told |= {
        one.name: {c: auth.level(name, one.name, c) for c in one.collections} for one in databases
    }
    return {
        "result": {
            one: {"permission": auth.level(name, one), "collections": {**levels, "*": "undefined"}}
            for one, levels in told.items()
        }
    }


def granted(call: Call, name: str, database: str, collection: str = "") -> Fields:
    """What the user may do in a database or a collection."""
    _only_root(call, name)
    return {"result": call.app.auth.level(name, database, collection)}


def grant(call: Call, name: str, database: str, collection: str = "") -> Fields:
    """Let the user do something in a database or a collection."""
    _only_root(call)
    level = call.object().get("grant")
    if type(level) is not str:
        raise ArangoError(10, "expecting 'grant' in the request")
    if collection not in ("", "*") and database != "*":
        call.store.database(database).collection(collection)
    where = f"{database}/{collection}".rstrip("/")
    call.app.auth.grant(name, where, level)
    return {where: level}


def revoke(call: Call, name: str, database: str, collection: str = "") -> Fields:
    """Take back what was granted."""
    _only_root(call)
    call.app.auth.grant(name, f"{database}/{collection}".rstrip("/"), None)
    call.status = 202
    return {}


# ---- databases


def own_databases(call: Call) -> Fields:
    """The databases the user may use."""
    level = call.app.auth.level
    return {"result": [name for name in call.store.databases if level(call.user, name) != "none"]}


def database(call: Call) -> Fields:
    """The database of the path."""
    found = call.database
    is_system = found.name == "_system"
    told = {"id": found.id, "name": found.name, "isSystem": is_system, "path": "none"}
    return {"result": told}


def create_database(call: Call) -> Fields:
    """A new database, with users if there are any in the request."""
    body, auth = call.object(), call.app.auth
    users = read(body, "users", list, [])
    if not all(type(user) is dict for user in users):
        raise ArangoError(10, "expecting array for 'users'")
    made = call.store.create_database(body.get("name", ""))
    auth.grant(call.user, made.name, "rw")
    for user in users:
        name = user.get("username") or user.get("user")
        if type(name) is not str or not name:
            raise ArangoError(10, "a user of the new database has no name")
        if name not in call.store.users:
            auth.save(name, **_changes(user, whole=True))
        auth.grant(name, made.name, "rw")
    call.status = 201
    return {"result": True}


def drop_database(call: Call, name: str) -> Fields:
    """Drop a database, and what was granted in it."""
    call.store.drop_database(name)
    for user in list(call.store.users.values()):
        user["grants"].pop(name, None)
    return {"result": True}
