"""Who may ask: users with passwords, Basic and JWT (HS256), and what the users may touch."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from typing import Any, Final

from arangolab.sandbox.faults import ArangoError

SESSION_S: Final = 3600
_LEVELS: Final = ("none", "ro", "rw", None)
_REMEMBERED: Final = 1000


def sign(payload: dict[str, Any], secret: bytes) -> str:
    """A JWT with this payload, signed with HS256 (RFC 7515)."""
    parts = (b'{"alg":"HS256","typ":"JWT"}', json.dumps(payload).encode())
    head = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = base64.urlsafe_b64encode(hmac.digest(secret, head, "sha256")).rstrip(b"=")
    return (head + b"." + signature).decode()


def verified(token: str, secret: bytes) -> dict[str, Any] | None:
    """The payload of a token that is signed and not expired, else None."""
    signed = token.rpartition(".")[0]
    try:
        head, payload, signature = (
            base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")
        )
        claims: dict[str, Any] = json.loads(payload)
        right = (
            json.loads(head)["alg"] == "HS256" and float(claims.get("exp", "inf")) >= time.time()
        )
    except (ValueError, AttributeError, TypeError, KeyError):
        return None
    right = right and hmac.compare_digest(hmac.digest(secret, signed.encode(), "sha256"), signature)
    return claims if right else None


class Auth:
    """Checks the Authorization header against the users of a server."""

    def __init__(
        self,
        users: dict[str, dict[str, Any]],
        *,
        root_password: str = "",
        secret: bytes = b"",
        enabled: bool = True,
    ) -> None:
        self._users = users
        self.enabled = enabled
        self._secret = secret or secrets.token_bytes(32)
        self._remembered: dict[str, tuple[str, float]] = {}
        """Headers that were right: (user, good until)."""
        if "root" not in users:  # else kept on disk
            self.save("root", "")
        self.change("root", password=root_password)
        self.grant("root", "*", "rw")

    # ---- users

    def save(self, name: str, password: str, **more: Any) -> None:
        """Make a user, as ``change`` has it; ArangoError 1702 (there is one), 1700 (no name)."""
        if not name:
            raise ArangoError(1700, "invalid user name", 400)
        made: dict[str, Any] = {"active": True, "extra": {}, "grants": {}}
        if self._users.setdefault(name, made) is not made:
            raise ArangoError(1702)
        self.change(name, password=password, **more)

    def change(self, name: str, *, password: str | None = None, **more: Any) -> None:
        """Change a user's password, ``active``, ``extra``; ArangoError 1703."""
        user = self.user(name)
        user.update(more)
        if password is not None:
            salt = secrets.token_bytes(8)
            user.update(salt=salt, hash=_hashed(salt, password))
        self._remembered = {}

    def user(self, name: str) -> dict[str, Any]:
        """The user of that name; ArangoError 1703."""
        if name not in self._users:
            raise ArangoError(1703)
        return self._users[name]

    def remove(self, name: str) -> None:
        """Remove the user; ArangoError 1703."""
        self.user(name)
        del self._users[name]
        self._remembered = {}

    def grant(self, name: str, where: str, level: str | None) -> None:
        """Let the user do ``level`` ("none", "ro", "rw"; None revokes) in ``where``.

        ``where`` is a database, database/collection, or * for all.  ArangoError 10, 1703.
        """
        grants = self.user(name)["grants"]
        if level not in _LEVELS:
            raise ArangoError(10, "wrong grant: it is one of 'rw', 'ro', 'none'")
        if level is None:
            grants.pop(where, None)
        else:
            grants[where] = level

    def level(self, name: str, database: str, collection: str = "") -> str:
        """What the user may do in a database or a collection: "none", "ro" or "rw"."""
        grants: dict[str, str] = self.user(name)["grants"]
        level = grants.get(database) or grants.get("*", "none")
        if not collection:
            return level
        if collection == "_users":
            level = "none"
        places = (f"{database}/{collection}", f"{database}/*", "*/*")
        return next((grants[place] for place in places if place in grants), level)

    def guard(self, name: str, database: str) -> Callable[[str, int], None] | None:
        """What checks each collection a transaction uses; None if the user may do everything.

        It is called with the collection's name and 0 for reading, more for writing, and raises
        ArangoError 11 or 1004.
        """
        if not self.enabled:
            return None
        grants: dict[str, str] = self.user(name)["grants"]
        if self.level(name, database) == "rw" and not any("/" in where for where in grants):
            return None

        def check(collection: str, mode: int) -> None:
            level = self.level(name, database, collection)
            if level == "none":
                raise ArangoError(11, "Not permitted to access collection")
            if level == "ro" and mode:
                raise ArangoError(1004, "no write access to collection: " + collection, 403)

        return check

    # ---- requests

    def token(self, name: str) -> str:
        """A new JWT for a user who has shown the right to one."""
        now = int(time.time())
        claims = {"preferred_username": name, "iss": "arangodb", "iat": now, "exp": now + SESSION_S}
        return sign(claims, self._secret)

    def authenticate(self, header: str) -> str | None:
        """The user an Authorization header stands for, None if it is not right."""
        known = self._remembered.get(header)
        if known is not None and known[1] > time.time():
            return known[0]
        kind, _, value = header.partition(" ")
        name, until_s = "", time.time() + SESSION_S
        if kind.lower() == "basic":
            with contextlib.suppress(ValueError):
                given = base64.b64decode(value.strip(), validate=True).decode()
                name, _, password = given.partition(":")
                name = name if self.is_right(name, password) else ""
        elif kind.lower() == "bearer":
            claims = verified(value.strip(), self._secret) or {}
            if claims.get("iss") == "arangodb":
                name = str(claims.get("preferred_username") or "root")  # without: a superuser
                until_s = claims.get("exp") or until_s
        if not self._users.get(name, {}).get("active"):
            return None
        if len(self._remembered) >= _REMEMBERED:
            self._remembered = {}
        self._remembered[header] = name, float(until_s)
        return name

    def is_right(self, name: str, password: str) -> bool:
        """Whether that is the password of an active user."""
        user = self._users.get(name, {})
        return bool(user.get("active")) and hmac.compare_digest(
            user["hash"], _hashed(user["salt"], password)
        )


def _hashed(salt: bytes, password: str) -> bytes:
    return hashlib.sha256(salt + password.encode("utf-8", "surrogatepass")).digest()
