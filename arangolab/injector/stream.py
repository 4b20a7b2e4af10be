"""Stream transactions: begin, queries, commit or abort, each a request of its own.

After ArangoDB 3.12's HTTP API, /_api/transaction/begin and the header x-arango-trx-id.
"""

from __future__ import annotations

import contextlib
from types import TracebackType
from typing import TYPE_CHECKING, Any

import orjson

from arangolab.injector.failure import NoReply, Rejected

if TYPE_CHECKING:
    from arangolab.injector.transport import Transport


class StreamTransaction:
    """One stream transaction; a context that commits at its end and aborts on an error."""

    def __init__(self, transport: Transport, api_url: str, collections: dict[str, list[str]]):
        self.id = ""
        self._transport = transport
        self._api_url = api_url
        self._collections = collections
        self._writes = 0

    def __enter__(self) -> StreamTransaction:
        begun = self._ask("POST", "/transaction/begin", {"collections": self._collections})
        self.id = begun["result"]["id"]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self._ask("PUT", f"/transaction/{self.id}")
        else:
            with contextlib.suppress(NoReply, Rejected):
                self._ask("DELETE", f"/transaction/{self.id}")

    def query(self, aql: str, bind: dict[str, Any] | None = None) -> list[Any]:
        """Run a query in the transaction; all its rows.

        Raises Rejected with the server's error, or NoReply.
        """
        reply = self._ask("POST", "/cursor", {"query": aql, "bindVars": bind or {}})
        rows = list(reply["result"])
        self._writes = int(reply.get("extra", {}).get("stats", {}).get("writesExecuted", 0))
        while reply.get("hasMore"):
            reply = self._ask("POST", f"/cursor/{reply['id']}")
            rows += reply["result"]
        return rows

    def writes(self) -> int:
        """Documents that the last query wrote."""
        return self._writes

    def _ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        header = f"x-arango-trx-id: {self.id}\r\n" if self.id else ""
        data = None if body is None else orjson.dumps(body)
        reply = self._transport.request(method, self._api_url + path, data, headers=header)
        said = reply.json()
        if not reply.ok or not isinstance(said, dict):
            raise Rejected(said)
        return said
