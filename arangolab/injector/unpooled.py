"""The blog's transport, for comparison: grequests, a connection for each request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import grequests
import requests

from arangolab.injector.failure import NOT_TRUSTED, NoReply
from arangolab.injector.reply import QUEUE_TIME, Reply
from arangolab.injector.transport import Transport


class Unpooled(Transport):
    """Opens a connection, asks, and closes it, without any retry of requests' own."""

    def __init__(
        self, *, connect_timeout_s: float, read_timeout_s: float, ca_file: str | None
    ) -> None:
        super().__init__()
        self._timeout = (connect_timeout_s, read_timeout_s)
        self._verify = ca_file or True

    def send(
        self,
        method: str,
        url: str,
        body: bytes | None,
        params: Mapping[str, Any] | None,
        headers: str,
    ) -> Reply:
        """Like request, with the caller's headers alone; any status is returned."""
        if params:
            url += ("&" if "?" in url else "?") + urlencode(params)
        traffic = self.traffic
        traffic.requests += 1
        traffic.opened += 1
        traffic.open += 1
        try:
            reply = self._ask(method, url, body, _fields(headers))
        finally:
            traffic.open -= 1
        traffic.bytes_sent += len(body or b"")
        traffic.bytes_received += len(reply.content)
        queue_time = reply.headers.get(QUEUE_TIME)
        return Reply(url, reply.status_code, reply.content, reply.headers.items, queue_time)

    def give_connections(self, seconds: float) -> None:
        """Wait so long for a connection from now on."""
        self._timeout = (seconds, self._timeout[1])

    def allow(self, in_flight: int) -> None:
        """As many connections as requests: there is nothing to prepare."""

    def trim(self) -> None:
        """No connection outlives its request."""

    def disconnect(self) -> None:
        """No connection outlives its request."""

    def _ask(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> Any:
        with requests.Session() as session:
            session.trust_env = False
            asked = grequests.AsyncRequest(
                method,
                url,
                session=session,
                data=body,
                headers=headers,
                timeout=self._timeout,
                verify=self._verify,
                allow_redirects=False,
            ).send()
        error = getattr(asked, "exception", None)
        if error is not None:
            raise _no_reply(url, error) from error
        return asked.response


def _fields(lines: str) -> dict[str, str]:
    """Header lines as requests takes them."""
    pairs = (line.partition(":") for line in lines.split("\r\n") if line)
    fields = {name: value.strip() for name, _, value in pairs}
    return {"Content-Type": "application/json", "Connection": "close", **fields}


def _no_reply(url: str, error: Exception) -> NoReply:
    """The error of an exchange in the words of the other transport."""
    if isinstance(error, requests.exceptions.SSLError):
        return NoReply(NOT_TRUSTED, f"{url}: {error}")
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return NoReply("connect timeout", url)
    if isinstance(error, requests.exceptions.Timeout):
        return NoReply("read timeout", url)
    if "refused" in str(error):
        return NoReply("connection refused", url)
    return NoReply("no reply", f"{url}: {error}")
