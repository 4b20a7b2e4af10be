"""Who may ask: users with passwords, Basic and JWT (HS256), and what the users may touch."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import secrets
import time
from functools import lru_cache
from typing import Any, Final

from arangolab.sandbox.faults import check

SESSION_S: Final = 3600
Users = dict[str, dict[str, Any]]


def sign(payload: dict[str, Any], secret: bytes) -> str:
    """A JWT with this payload, signed with HS256 (RFC 7515)."""
    parts = {"alg": "HS256", "typ": "JWT"}, payload
    return _signed(".".join(_packed(json.dumps(part).encode()) for part in parts), secret)


def _signed(head: str, secret: bytes) -> str:
    return f"{head}.{_packed(hmac.digest(secret, head.encode(), 'sha256'))}"


def _packed(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


@lru_cache(64)
def _claims(token: str, secret: bytes) -> dict[str, Any]:
    """The payload of a token that is signed, else nothing."""
    head = token.rpartition(".")[0]
    if not hmac.compare_digest(_signed(head, secret).encode(), token.encode()):
        return {}
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(head.partition(".")[2] + "=="))
    return claims


class Auth:
    """Checks the Authorization header against the users of a server.

    A user is ``{"active", "extra", "grants", "salt", "hash"}``; grants are "none", "ro" or "rw" by
    database, database/collection, or * for all.
    """

    def __init__(
        self, users: Users, *, root_password: str = "", secret: bytes = b"", enabled: bool = True
    ) -> None:
        self._users = users
        self.enabled = enabled
        self._secret = secret or secrets.token_bytes(32)
        self.save("root", password=root_password)
        self.user("root")["grants"]["*"] = "rw"

    def user(self, name: str) -> dict[str, Any]:
        """The user of that name; ArangoError 1703."""
        return check(self._users.get(name), 1703)

    def save(self, name: str, **given: Any) -> None:
        """Make a user, or change ``password``, ``active``, ``extra`` of one."""
        usual = {"active": True, "extra": {}, "grants": {}, "salt": secrets.token_hex(8)}
        user = {**usual, **self._users.get(name, {}), **given}
        if "password" in given:
            user["hash"] = _hashed(user, user.pop("password"))
        self._users[name] = user

    def level(self, name: str, database: str, collection: str = "") -> str:
        """What the user may do in a database or a collection: "none", "ro" or "rw"."""
        if name == "root" and not self.enabled:
            return "rw"
        grants: dict[str, str] = self.user(name)["grants"]
        level = grants.get(database) or grants.get("*", "none")
        for place in ("*/*", f"{database}/*", f"{database}/{collection}") if collection else ():
            level = grants.get(place, "none" if place == "_system/_users" else level)
        return level

    def token(self, name: str) -> str:
        """A new JWT for a user who has shown the right to one."""
        now = int(time.time())
        claims = {"preferred_username": name, "iss": "arangodb", "iat": now, "exp": now + SESSION_S}
        return sign(claims, self._secret)

    def authenticate(self, header: str) -> str:
        """The user an Authorization header stands for, "" if it is not right."""
        kind, _, value = header.partition(" ")
        if not self.enabled:
            return "root"
        if kind.lower() == "basic":
            with contextlib.suppress(ValueError):
                name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
                return name if self.is_right(name, password) else ""
        claims = _claims(value.strip(), self._secret) if kind.lower() == "bearer" else {}
        is_good = claims.get("iss") == "arangodb" and claims.get("exp", 1e99) >= time.time()
        name = str(claims.get("preferred_username") or "root")  # without: a superuser
        return name if is_good and self._users.get(name, {}).get("active") else ""

    def is_right(self, name: str, password: str) -> bool:
        """Whether that is the password of an active user."""
        user = self._users.get(name, {})
        hashed = _hashed(user, password) if user.get("active") else "no"
        return hmac.compare_digest(hashed, user.get("hash", ""))


def _hashed(user: dict[str, Any], password: str) -> str:
    salted: str = user["salt"] + password
    return hashlib.sha256(salted.encode("utf-8", "surrogatepass")).hexdigest()
