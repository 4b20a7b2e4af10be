"""The HTTP client under pyArango: pooled, without retries, for many greenlets at once."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import orjson
from geventhttpclient.response import HTTPParseError, HTTPResponse

from arangolab.injector.credentials import Credentials
from arangolab.injector.failure import NoReply, Refused
from arangolab.injector.pool import Origin, Pool, Traffic

_BLOCK_BYTES: Final = 65536


class Reply:
    """A reply read to its end, with what pyArango and its users expect of one."""

    __slots__ = ("_json", "_parsed", "content", "status_code", "url")

    def __init__(self, url: str, status_code: int, content: bytes, parsed: HTTPResponse) -> None:
        self.url = url
        self.status_code = status_code
        self.content = content
        self._parsed = parsed
        self._json: Any = None

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode("utf-8", "replace")

    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
        return self.status_code < 400

    @property
    def headers(self) -> dict[str, str]:
        """Header fields, names in lower case."""
        return {name.lower(): value for name, value in self._parsed.items()}

    def json(self) -> Any:
        """The body, parsed once; raises NoReply when it is not JSON."""
        if self._json is None:
            try:
                self._json = orjson.loads(self.content)
            except orjson.JSONDecodeError:
                start = self.content[:80].decode("utf-8", "replace")
                raise NoReply(
                    f"{self.status_code} without JSON", start, status=self.status_code
                ) from None
        return self._json

    def raise_for_status(self) -> None:
        """Raise NoReply when the status is 400 or above."""
        if not self.ok:
            raise NoReply(f"{self.status_code}", self.text[:200], status=self.status_code)


class Transport:
    """What pyArango calls its session.

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
        self.traffic = Traffic()
        self.auth: tuple[str, str] | None = None
        self.credentials: Credentials | None = None
        self.pool = Pool(
            limit=limit,
            connect_timeout_s=connect_timeout_s,
            read_timeout_s=read_timeout_s,
            traffic=self.traffic,
            tls=tls,
        )
        self._origins: dict[str, Origin] = {}

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
        """PUT."""
        return self.request("PUT", url, _body(data, json), params)

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

    def disconnect(self) -> None:
        """Close the idle connections."""
        self.pool.close()

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
        timeout, no reply, ...), Refused when the status is 401.
        """
        credentials = self.credentials
        authorization = credentials.header if credentials is not None else ""
        reply = self.send(method, url, body, params, authorization + headers)
        if reply.status_code == 401:
            if credentials is not None:
                credentials.was_refused(authorization)
            said = reply.json() if reply.content else {}
            raise Refused(said.get("errorNum", 0), said.get("errorMessage", "not authorized"))
        return reply

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
        sock = self.pool.take(origin)
        self.traffic.requests += 1
        try:
            sock.sendall(head + body if body else head)
            self.traffic.bytes_sent += len(head) + (len(body) if body else 0)
            parsed = self._read(sock, method)
        except BaseException as error:
            self.pool.drop(sock)
            if isinstance(error, OSError | HTTPParseError):
                raise _no_reply(url, error) from error
            raise
        if parsed.should_close():
            self.pool.drop(sock)
        else:
            self.pool.give_back(origin, sock)
        return Reply(url, parsed.status_code, bytes(parsed._body_buffer), parsed)

    def _read(self, sock: Any, method: str) -> HTTPResponse:
        parsed = HTTPResponse(method)
        while not (parsed.message_complete and parsed.status_code >= 200):
            data = sock.recv(_BLOCK_BYTES)
            self.traffic.bytes_received += len(data)
            if not data and not parsed.headers_complete:
                raise ConnectionResetError(errno.ECONNRESET, "closed before the reply")
            parsed.feed(data)
            if not data and not parsed.message_complete:
                raise ConnectionResetError(errno.ECONNRESET, "closed within the reply")
        return parsed

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


def _body(data: str | bytes | None, json: Any) -> bytes | None:
    if data is None and json is not None:
        return orjson.dumps(json)
    return data.encode() if isinstance(data, str) else data


def _no_reply(url: str, error: Exception) -> NoReply:
    """The error of an exchange in a few words."""
    if isinstance(error, TimeoutError):
        return NoReply("read timeout", url)
    if isinstance(error, HTTPParseError):
        return NoReply("not HTTP", f"{url}: {error}")
    return NoReply("no reply", f"{url}: {error}")
