"""Who the injector is to the server: a token, renewed ahead of its end, once for all greenlets."""

from __future__ import annotations

import base64
import binascii
import time
from typing import TYPE_CHECKING, Final

import gevent
import orjson
from gevent.event import Event

from arangolab.errors import AccessDenied, NotArangoDB
from arangolab.injector.failure import NoReply

if TYPE_CHECKING:
    from arangolab.injector.transport import Transport

RENEW_AT: Final = 0.8
"""Share of a token's life, less the second to which it is rounded, after which to ask anew."""
_SOONEST_S: Final = 0.5
_RETRY_S: Final = 0.5
_UNKNOWN_LIFE_S: Final = 300.0


class Credentials:
    """``header`` is the Authorization line of every request; one greenlet keeps it fresh."""

    def __init__(self, transport: Transport, urls: tuple[str, ...], user: str, password: str):
        self.header = ""
        self.renewals = 0
        self._transport = transport
        self._urls = urls
        self._user = user
        self._password = password
        self._life_s = 0.0
        self._refused = Event()

    def log_in(self) -> None:
        """Get the first token (or settle for Basic) and keep it renewed from then on.

        Raises AccessDenied, NotArangoDB, or NoReply when nothing answers.
        """
        if self._ask(self._urls[0]):
            gevent.spawn(self._keep)
        else:
            pair = f"{self._user}:{self._password}".encode()
            self.header = f"Authorization: Basic {base64.b64encode(pair).decode()}\r\n"

    def was_refused(self, header: str) -> None:
        """A request with this header got 401: renew now, unless that happened already."""
        if header == self.header:
            self._refused.set()

    def _keep(self) -> None:
        turn = 0
        while True:
            self._refused.wait(max(_SOONEST_S, (self._life_s - 1) * RENEW_AT))
            try:
                self._ask(self._urls[turn % len(self._urls)])
                self._refused.clear()
            except (NoReply, AccessDenied, NotArangoDB):
                gevent.sleep(_RETRY_S)
                self._refused.set()
            turn += 1

    def _ask(self, url: str) -> bool:
        """Fetch a token; False where the server has no such route (authentication is off)."""
        body = orjson.dumps({"username": self._user, "password": self._password})
        reply = self._transport.send("POST", url + "/_open/auth", body, None, "")
        if reply.status_code == 404:
            return False
        if reply.status_code == 401:
            raise AccessDenied(
                f"The server at {url} refused user {self._user!r} or the password.",
                hint="check --user and ARANGOLAB_PASSWORD.",
            )
        said = reply.json()
        token = said.get("jwt") if isinstance(said, dict) else None
        if not isinstance(token, str):
            raise NotArangoDB(
                f"The server at {url} answered the log-in with status {reply.status_code} "
                "and no token.",
                hint="check that the URL is that of an ArangoDB server.",
            )
        self._life_s = _life_s(token)
        self.header = f"Authorization: bearer {token}\r\n"
        self.renewals += 1
        return True


def _life_s(token: str) -> float:
    """Seconds a token lives, by its own account (``exp`` - ``iat``)."""
    try:
        part = token.split(".")[1]
        claims = orjson.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        life_s = float(claims["exp"]) - float(claims.get("iat", time.time()))
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error):
        return _UNKNOWN_LIFE_S
    return max(1.0, life_s)
