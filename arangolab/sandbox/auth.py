"""Who may ask: users with passwords, Basic and JWT (HS256), and what the users may touch."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from typing import Any, Final

from arangolab.sandbox.faults import ArangoError

SESSION_S: Final = 3600
_LEVELS: Final = ("none", "ro", "rw")
_REMEMBERED: Final = 1000


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sign(payload: dict[str, Any], secret: bytes) -> str:
    """A JWT with this payload, signed with HS256."""
    head = _b64(b'{"alg":"HS256","typ":"JWT"}') + "." + _b64(json.dumps(payload).encode())
    return head + "." + _b64(hmac.digest(secret, head.encode(), "sha256"))


def verified(token: str, secret: bytes) -> dict[str, Any] | None:
    """The payload of a token that is signed and not expired, else None."""
    try:
        head, payload, signature = token.split(".")
        signed = hmac.digest(secret, f"{head}.{payload}".encode(), "sha256")
        if json.loads(_unb64(head)).get("alg") != "HS256":
            return None
        if not hmac.compare_digest(signed, _unb64(signature)):
            return None
        claims = json.loads(_unb64(payload))
        expires = claims.get("exp")
        if expires is not None and float(expires) < time.time():
            return None
    except (ValueError, AttributeError, TypeError, binascii.Error):
        return None
    return claims if isinstance(claims, dict) else None


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
        if "root" in users:  # kept on disk
            self.set_password("root", root_password)
        else:
            self.save("root", root_password)
        self.grant("root", "*", "rw")

    # ---- users

    def save(
        self, name: str, password: str, *, active: bool = True, extra: dict[str, Any] | None = None
    ) -> None:
        """Make a user; ArangoError 1702 when there is one of that name, 1700 without a name."""
        if not name:
            raise ArangoError(1700, "invalid user name", 400)
        made: dict[str, Any] = {"active": active, "extra": extra or {}, "grants": {}}
        if self._users.setdefault(name, made) is not made:
            raise ArangoError(1702)
        self.set_password(name, password)

    def set_password(self, name: str, password: str) -> None:
        """Give the user another password; ArangoError 1703."""
        user = self.user(name)
        salt = secrets.token_bytes(8)
        user["salt"], user["hash"] = salt, _hashed(salt, password)
        self.forget()

    def user(self, name: str) -> dict[str, Any]:
        """The user of that name; ArangoError 1703."""
        found = self._users.get(name)
        if found is None:
            raise ArangoError(1703)
        return found

    def forget(self) -> None:
        """Ask again for what headers stand for, after users changed."""
        self._remembered = {}

    def remove(self, name: str) -> None:
        """Remove the user; ArangoError 1703."""
        if self._users.pop(name, None) is None:
            raise ArangoError(1703)
        self.forget()

    def grant(self, name: str, where: str, level: str | None) -> None:
        """Let the user do ``level`` ("none", "ro", "rw"; None revokes) in ``where``.

        ``where`` is a database, database/collection, or * for all.  ArangoError 10, 1703.
        """
        grants: dict[str, str] = self.user(name)["grants"]
        if level is None:
            grants.pop(where, None)
        elif level in _LEVELS:
            grants[where] = level
        else:
            raise ArangoError(10, "wrong grant: it is one of 'rw', 'ro', 'none'")

    def level(self, name: str, database: str) -> str:
        """What the user may do in a database: "none", "ro" or "rw"."""
        grants: dict[str, str] = self.user(name)["grants"]
        return grants.get(database) or grants.get("*", "none")

    def collection_level(self, name: str, database: str, collection: str) -> str:
        """What the user may do in a collection."""
        grants: dict[str, str] = self.user(name)["grants"]
        named = grants.get(f"{database}/{collection}") or grants.get(f"{database}/*")
        if named is None and collection.startswith("_") and collection == "_users":
            return "none"
        return named or grants.get("*/*") or self.level(name, database)

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
            level = self.collection_level(name, database, collection)
            if level == "none":
                raise ArangoError(11, "Not permitted to access collection")
            if level == "ro" and mode:
                raise ArangoError(1004, "no write access to collection: " + collection, 403)

        return check

    # ---- requests

    def token(self, name: str, password: str) -> str:
        """A new JWT; ArangoError 401 with the wrong password."""
        if not self._right(name, password):
            raise ArangoError(401, "Wrong credentials")
        return self.token_of(name)

    def token_of(self, name: str) -> str:
        """A new JWT for a user who has shown the right to one."""
        now = int(time.time())
        claims = {"preferred_username": name, "iss": "arangodb", "iat": now, "exp": now + SESSION_S}
        return sign(claims, self._secret)

    def authenticate(self, header: str) -> str | None:
        """The user an Authorization header stands for, None if it is not right."""
        known = self._remembered.get(header)
        if known is not None and known[1] > time.time():
            return known[0]
        found = self._checked(header)
        if found is None:
            return None
        if len(self._remembered) >= _REMEMBERED:
            self._remembered = {}
        self._remembered[header] = found
        return found[0]

    def _checked(self, header: str) -> tuple[str, float] | None:
        kind, _, value = header.partition(" ")
        value = value.strip()
        if kind.lower() == "bearer":
            return self._bearer(value)
        if kind.lower() != "basic":
            return None
        try:
            name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (ValueError, binascii.Error):
            return None
        return (name, time.time() + SESSION_S) if self._right(name, password) else None

    def _bearer(self, token: str) -> tuple[str, float] | None:
        claims = verified(token, self._secret)
        if claims is None or claims.get("iss") != "arangodb":
            return None
        name = claims.get("preferred_username") or "root"  # without one: a superuser's token
        user = self._users.get(name)
        if user is None or not user["active"]:
            return None
        return name, float(claims.get("exp") or time.time() + SESSION_S)

    def _right(self, name: str, password: str) -> bool:
        user = self._users.get(name)
        if user is None or not user["active"]:
            return False
        return hmac.compare_digest(user["hash"], _hashed(user["salt"], password))


def _hashed(salt: bytes, password: str) -> bytes:
    return hashlib.sha256(salt + password.encode("utf-8", "surrogatepass")).digest()
