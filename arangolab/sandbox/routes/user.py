"""Users and what they may do; databases, which are made with users."""

from __future__ import annotations

from typing import Final

from arangolab.sandbox.call import Call, Fields, read, route
from arangolab.sandbox.faults import check
from arangolab.sandbox.http import Reply

_USUAL: Final[Fields] = {"password": "", "active": True, "extra": {}}
"""What can be said of a user; what is of another type is ignored."""
route("GET /_api/database/user")(lambda c: {"result": [*_levels(c, c.user)]})
route("POST /_open/auth/renew")(lambda c: c.plain({"jwt": c.app.auth.token(c.user)}))


@route("POST /_open/auth")
def _log_in(call: Call) -> Reply:
    check(call.app.auth.enabled, 404, "unknown path '/_open/auth'")
    body = call.object()
    name, password = read(body, "username", str, None, 400), read(body, "password", str, "", 400)
    check(call.app.auth.is_right(name, password), 401, "Wrong credentials")
    return call.plain({"jwt": call.app.auth.token(name)})


@route("GET POST=201 /_api/user", "GET PUT PATCH DELETE=202 /_api/user/{}")
def _user(call: Call, name: str = "") -> Fields:
    """All users, or one; PATCH changes some properties, PUT sets all, some to their defaults."""
    _only(call, "" if call.method == "DELETE" else name)
    if call.method == "POST":
        name = read(call.object(), "user", str, error_num=1700)
        check(name not in call.store.users, 1702)
        return _saved(call, name, call.object())
    if not name:
        return {"result": [_shown(call, name) for name in list(call.store.users)]}
    told = _shown(call, name)
    if call.method == "DELETE":
        check(name != "root", 11)
        call.store.users.pop(name, None)
        return {}
    return told if call.method == "GET" else _saved(call, name, call.object())


def _saved(call: Call, name: str, body: Fields) -> Fields:
    given = {**body, "password": body.get("passwd", body.get("password"))}
    usual = {} if call.method == "PATCH" else _USUAL
    fitting = {n: given[n] for n, value in _USUAL.items() if type(given.get(n)) is type(value)}
    call.app.auth.save(name, **(usual | fitting))
    return _shown(call, name)


def _shown(call: Call, name: str) -> Fields:
    found = call.app.auth.user(name)
    return {"user": name, "active": found["active"], "extra": found["extra"]}


@route("GET /_api/user/{}/database")
def _grants(call: Call, name: str) -> Fields:
    """What the user may do in which database; with ?full=true what was granted where."""
    _only(call, name)
    grants, told = call.app.auth.user(name)["grants"], Fields()
    if not call.flag("full"):
        return {"result": _levels(call, name)}
    for one in list(call.store.databases.values()):
        shown = {of: grants.get(f"{one.name}/{of}", "undefined") for of in (*one.collections, "*")}
        told[one.name] = {"permission": grants.get(one.name, "undefined"), "collections": shown}
    return {"result": {**told, "*": {"permission": call.app.auth.level(name, "*")}}}


def _levels(call: Call, name: str) -> dict[str, str]:
    """What the user may do in databases, "ro" or "rw"."""
    levels = {one: call.app.auth.level(name, one) for one in list(call.store.databases)}
    return {one: level for one, level in levels.items() if level != "none"}


@route("GET PUT DELETE=202 /_api/user/{}/database/{}")
@route("GET PUT DELETE=202 /_api/user/{}/database/{}/{}")
def _grant(call: Call, name: str, database: str, collection: str = "") -> Fields:
    """What the user may do in a database or a collection, which PUT grants and DELETE revokes."""
    _only(call, name if call.method == "GET" else "")
    grants, where = call.app.auth.user(name)["grants"], f"{database}/{collection}".rstrip("/")
    if call.method == "GET":
        return {"result": call.app.auth.level(name, database, collection)}
    if database != "*":
        found = call.store.database(database)
        check(collection in ("", "*", *found.collections), 1203)
    if call.method == "DELETE":
        grants.pop(where, None)
        return {}
    level = call.object().get("grant")
    check(level in ("none", "ro", "rw"), 10, "wrong grant: it is one of 'rw', 'ro', 'none'")
    grants[where] = level
    return {where: level}


def _only(call: Call, name: str = "") -> None:
    """ArangoError 11: administrators may do this, or the user it is about."""
    check(call.user == name or call.app.auth.level(call.user, "_system") == "rw", 11)


# ---- databases


@route("GET /_api/database/current")
def _database(call: Call) -> Fields:
    name, number = call.database.name, call.database.id
    return {"result": {"id": number, "name": name, "isSystem": name == "_system", "path": "none"}}


@route("GET POST=201 /_api/database", "DELETE /_api/database/{}")
def _databases(call: Call, old: str = "") -> Fields:
    """All databases; a new one, with users if there are any in the request; drop one."""
    check(call.database.name == "_system", 1230)
    if call.method == "GET":
        return {"result": list(call.store.databases)}
    if call.method == "DELETE":
        call.store.drop_database(old)
        return {"result": True}
    body = call.object()
    users = {read(one, "username", str): one for one in read(body, "users", list, [])}
    made = call.store.create_database(body.get("name", ""))
    for name in users.keys() - call.store.users.keys():
        _saved(call, name, users[name])
    for name in (call.user, *users):
        call.app.auth.user(name)["grants"][made.name] = "rw"
    return {"result": True}
