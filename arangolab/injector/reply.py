"""A reply as pyArango and its users expect one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import orjson

from arangolab.injector.failure import NoReply

QUEUE_TIME: Final = "x-arango-queue-time-seconds"
"""With it a server tells how long the request it dequeued last had been queued."""


class Reply:
    """A reply read to its end, with what pyArango and its users expect of one."""

    __slots__ = ("_fields", "_json", "content", "queue_time", "status_code", "url")

    def __init__(
        self, url: str, status_code: int, content: bytes, fields: Callable[[], Iterable[Any]],
        queue_time: Any = None,
    ) -> None:  # fmt: skip
        """``fields``: called for the (name, value) pairs of the header, when they are wanted.

        ``queue_time``: the field QUEUE_TIME, if there is one.
        """
        self.url = url
        self.status_code = status_code
        self.content = content
        self._fields = fields
        self._json: Any = None
        self.queue_time = queue_time

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
        return {name.lower(): value for name, value in self._fields()}

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

    @property
    def kind(self) -> str:
        """Status, and ``/errorNum`` where the server names one."""
        if self.status_code >= 400 and b'"errorNum"' in self.content:
            said = self.json()
            if isinstance(said, dict):
                return f"{self.status_code}/{said.get('errorNum', 0)}"
        return str(self.status_code)
