"""The default transport: keep-alive connections over geventhttpclient's parser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from geventhttpclient.response import HTTPParseError

from arangolab.injector.failure import NoReply
from arangolab.injector.pool import Origin, Pool
from arangolab.injector.reading import read_reply
from arangolab.injector.reply import Reply
from arangolab.injector.transport import Transport


class Pooled(Transport):
    """Keeps connections and uses them again.

    Nothing is ever sent twice: a connection that the server closed while it was idle is found
    out before the request is written; every later failure is the caller's to see.
    """

    def __init__(
        self,
        *,
        limit: int,
        connect_timeout_s: float,
        read_timeout_s: float,
        tls: Any = None,
    ) -> None:
        super().__init__()
        self.pool = Pool(
            limit=limit,
            connect_timeout_s=connect_timeout_s,
            read_timeout_s=read_timeout_s,
            traffic=self.traffic,
            tls=tls,
        )
        self._origins: dict[str, Origin] = {}

    def give_connections(self, seconds: float) -> None:
        """Wait so long for a connection from now on."""
        self.pool.connect_timeout_s = seconds

    def allow(self, in_flight: int) -> None:
        """Allow a connection for each scenario, and two more."""
        self.pool.grow(in_flight + 2)

    def trim(self) -> None:
        """Close connections that were idle for long."""
        self.pool.trim()

    def disconnect(self) -> None:
        """Close the idle connections."""
        self.pool.close()

    def send(
        self,
        method: str,
        url: str,
        body: bytes | None,
        params: Mapping[str, Any] | None,
        headers: str,
    ) -> Reply:
        """Like request, with the caller's headers alone; any status is returned."""
        origin, path = self._split(url)
        if params:
            path += ("&" if "?" in path else "?") + urlencode(params)
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {origin.authority}\r\n"
            f"{headers}Content-Length: {len(body) if body else 0}\r\n"
            "Accept: application/json\r\nContent-Type: application/json\r\n\r\n"
        ).encode("ascii")
        line = self.pool.take(origin)
        traffic = self.traffic
        traffic.requests += 1
        data = head + body if body else head
        try:
            line.write(data)
            traffic.bytes_sent += len(data)
            status, content, fields, queue_time, keeps = read_reply(line, method, traffic)
        except BaseException as error:
            self.pool.drop(line)
            if isinstance(error, OSError | HTTPParseError):
                raise _no_reply(url, error) from error
            raise
        if keeps:
            self.pool.give_back(origin, line)
        else:
            self.pool.drop(line)
        return Reply(url, status, content, fields, queue_time)

    def _split(self, url: str) -> tuple[Origin, str]:
        cut = url.find("/", 8)
        base, path = (url, "/") if cut < 0 else (url[:cut], url[cut:])
        origin = self._origins.get(base)
        if origin is None:
            parts = urlsplit(base)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            origin = Origin(parts.scheme, parts.hostname or "", port)
            self._origins[base] = origin
        return origin, path


def _no_reply(url: str, error: Exception) -> NoReply:
    """The error of an exchange in a few words."""
    if isinstance(error, TimeoutError):
        return NoReply("read timeout", url)
    if isinstance(error, HTTPParseError):
        return NoReply("not HTTP", f"{url}: {error}")
    return NoReply("no reply", f"{url}: {error}")
