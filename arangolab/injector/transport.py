"""What pyArango calls its session: requests of every method, each sent once, timed and counted."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import orjson

from arangolab.injector import gone
from arangolab.injector.credentials import Credentials
from arangolab.injector.failure import NoReply, Refused, Rejected
from arangolab.injector.gone import FOUR
from arangolab.injector.reply import Reply
from arangolab.injector.traffic import Traffic


class Transport(ABC):
    """What pyArango calls its session.

    Nothing is ever sent twice: every failure is the caller's to see.
    """

    def __init__(self) -> None:
        self.traffic = Traffic()
        self.auth: tuple[str, str] | None = None
        self.credentials: Credentials | None = None
        self.major = 0
        """The server's major version; 0: not known."""

    def get(self, url: str, params: Mapping[str, Any] | None = None, **_: Any) -> Reply:
        """GET."""
        return self.request("GET", url, None, params)

    def head(self, url: str, params: Mapping[str, Any] | None = None, **_: Any) -> Reply:
        """HEAD."""
        return self.request("HEAD", url, None, params)

    def options(self, url: str, params: Mapping[str, Any] | None = None, **_: Any) -> Reply:
        """OPTIONS."""
        return self.request("OPTIONS", url, None, params)

    def post(
        self,
        url: str,
        data: str | bytes | None = None,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> Reply:
        """POST; ``json`` is sent as JSON where there is no ``data``."""
        return self.request("POST", url, _body(data, json), params)

    def put(
        self,
        url: str,
        data: str | bytes | None = None,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> Reply:
        """PUT; what ArangoDB 4 has no PUT for any more, the next batch of a cursor, is a POST."""
        method = "POST" if self.major >= FOUR and "/_api/cursor/" in url else "PUT"
        return self.request(method, url, _body(data, json), params)

    def patch(
        self,
        url: str,
        data: str | bytes | None = None,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> Reply:
        """PATCH."""
        return self.request("PATCH", url, _body(data, json), params)

    def delete(
        self,
        url: str,
        data: str | bytes | None = None,
        params: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> Reply:
        """DELETE."""
        return self.request("DELETE", url, _body(data, None), params)

    def request(
        self,
        method: str,
        url: str,
        body: bytes | None,
        params: Mapping[str, Any] | None = None,
        headers: str = "",
    ) -> Reply:
        """Send one request, once, and read its reply; ``headers``: lines ending in CR LF.

        Raises NoReply when there is none (``reason``: connection refused, connect timeout, read
        timeout, no reply, ...), Refused when the status is 401, Rejected when it asks an
        ArangoDB 4 for what that no longer has.
        """
        credentials = self.credentials
        authorization = credentials.header if credentials is not None else ""
        from_s = time.monotonic()
        try:
            reply = self.send(method, url, body, params, authorization + headers)
        except NoReply as error:
            self.traffic.reply(f"{method} {error.reason}", time.monotonic() - from_s)
            raise
        self.traffic.reply(f"{method} {reply.kind}", time.monotonic() - from_s)
        self.traffic.queued(reply.queue_time)
        if reply.status_code == 401:
            if credentials is not None:
                credentials.was_refused(authorization)
            said = reply.json() if reply.content else {}
            raise Refused(said.get("errorNum", 0), said.get("errorMessage", "not authorized"))
        if reply.status_code == 404 and self.major >= FOUR and (why := gone.sentence(url)):
            raise Rejected({"code": 404, "errorNum": 404, "errorMessage": why})
        return reply

    @abstractmethod
    def send(
        self,
        method: str,
        url: str,
        body: bytes | None,
        params: Mapping[str, Any] | None,
        headers: str,
    ) -> Reply:
        """Like request, with the caller's headers alone; any status is returned."""

    @abstractmethod
    def give_connections(self, seconds: float) -> None:
        """Wait so long for a connection from now on."""

    @abstractmethod
    def allow(self, in_flight: int) -> None:
        """Be ready for so many scenarios at once."""

    @abstractmethod
    def trim(self) -> None:
        """Give up what was not used for long."""

    @abstractmethod
    def disconnect(self) -> None:
        """Close what is idle."""


def _body(data: str | bytes | None, json: Any) -> bytes | None:
    if data is None and json is not None:
        return orjson.dumps(json)
    return data.encode() if isinstance(data, str) else data
