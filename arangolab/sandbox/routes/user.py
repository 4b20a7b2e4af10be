"""Users and what they may do; databases, which are made with users."""

from __future__ import annotations

from arangolab.sandbox.call import Call, Fields, check, plain, read
from arangolab.sandbox.http import Reply


def log_in(call: Call) -> Reply:
    """A JWT for user and password."""
    check(call.app.auth.enabled, 404, "unknown path '/_open/auth'")
    body = call.object()
    name, password = body.get("username", 0), body.get("password", 0)
    are_strings = type(name) is str and type(password) is str
    check(are_strings, 400, "expecting 'username' and 'password' in the request")
    check(call.app.auth.is_right(name, password), 401, "Wrong credentials")
    return plain({"jwt": call.app.auth.token(name)})


def users(call: Call) -> Fields:
    """All users."""
    _only_root(call)
    return {"result": [_shown(call, name) for name in list(call.store.users)]}


def create(call: Call) -> Fields:
    """A new user."""
    _only_root(call)
    body = call.object()
    name = body["user"] if type(body.get("user")) is str else ""
    call.app.auth.save(name, **_changes(body, whole=True))
    call.status = 201
    return _shown(call, name)


def user(call: Call, name: str) -> Fields:
    """One user; PATCH changes some properties, PUT sets what is not given to its default."""
    _only_root(call, name)
    if call.method != "GET":
        call.app.auth.change(name, **_changes(call.object(), whole=call.method == "PUT"))
    return _shown(call, name)


def verify(call: Call, name: str) -> Fields:
    """Whether that is the user's password; ArangoError 1703 if not."""
    check(call.app.auth.is_right(name, str(call.object().get("passwd", ""))), 1703)
    return {"result": True}


def remove(call: Call, name: str) -> Fields:
    """Remove a user."""
    _only_root(call)
    call.app.auth.remove(name)
    call.status = 202
    return {}


def grants(call: Call, name: str) -> Fields:
    """What the user may do in which database; with ?full=true what was granted where."""
    _only_root(call, name)
    level, databases = call.app.auth.level, list(call.store.databases.values())
    if not call.flag("full"):
        levels = {one.name: level(name, one.name) for one in databases}
        return {"result": {one: told for one, told in levels.items() if told != "none"}}
    told: Fields = {}
    for one in databases:
        places = {collection: f"{one.name}/{collection}" for collection in (*one.collections, "*")}
        shown = {collection: _granted(call, name, place) for collection, place in places.items()}
        told[one.name] = {"permission": _granted(call, name, one.name), "collections": shown}
    return {"result": {**told, "*": {"permission": level(name, "*")}}}


def _granted(call: Call, name: str, where: str) -> str:
    granted: str = call.app.auth.user(name)["grants"].get(where, "undefined")
    return granted


def grant(call: Call, name: str, database: str, collection: str = "") -> Fields:
    """What the user may do in a database or a collection, which PUT grants and DELETE revokes."""
    auth, where = call.app.auth, f"{database}/{collection}".rstrip("/")
    _only_root(call, name if call.method == "GET" else None)
    if call.method == "GET" and call.flag("configured"):
        return {"result": _granted(call, name, where)}
    if call.method == "GET":
        return {"result": auth.level(name, database, collection)}
    level = call.object().get("grant") if call.method == "PUT" else None
    check(call.method == "DELETE" or type(level) is str, 10)
    if level and collection not in ("", "*") and database != "*":
        call.store.database(database).collection(collection)
    auth.grant(name, where, level)
    call.status = 200 if level else 202
    return {where: level} if level else {}


def _only_root(call: Call, name: str | None = None) -> None:
    """ArangoError 11: administrators may do this, or the user it is about."""
    check(call.user == name or call.app.auth.level(call.user, "_system") == "rw", 11)


def _shown(call: Call, name: str) -> Fields:
    found = call.app.auth.user(name)
    return {"user": name, "active": found["active"], "extra": found["extra"]}


def _changes(body: Fields, *, whole: bool) -> Fields:
    """Password, active and extra as a body has them; the ``whole`` with what is usual."""
    usual = {"password": "", "active": True, "extra": {}}
    names = {"password": "passwd" if "passwd" in body else "password"}
    given = {name: body.get(names.get(name, name)) for name in usual}
    fitting = {n: value for n, value in given.items() if type(value) is type(usual[n])}
    return usual | fitting if whole else {n: v for n, v in fitting.items() if v != {}}


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
    asked = read(body, "users", list, [])
    check(all(type(one) is dict for one in asked), 10, "expecting array for 'users'")
    made = call.store.create_database(body.get("name", ""))
    auth.grant(call.user, made.name, "rw")
    for one in asked:
        name = one.get("username") or one.get("user")
        check(type(name) is str and name, 10, "a user of the new database has no name")
        if name not in call.store.users:
            auth.save(name, **_changes(one, whole=True))
        auth.grant(name, made.name, "rw")
    call.status = 201
    return {"result": True}


def drop_database(call: Call, name: str) -> Fields:
    """Drop a database, and what was granted in it."""
    call.store.drop_database(name)
    for one in list(call.store.users.values()):
        one["grants"].pop(name, None)
    return {"result": True}
