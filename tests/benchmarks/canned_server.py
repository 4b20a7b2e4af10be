"""A server of next to no cost: canned replies, so that the client is what is measured.

Run as a process; prints its URL; ends when its stdin does.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from typing import Any


def _reply(status: str, said: dict[str, Any]) -> bytes:
    body = json.dumps(said).encode()
    head = (
        f"HTTP/1.1 {status}\r\nserver: ArangoDB\r\nconnection: Keep-Alive\r\n"
        "content-type: application/json; charset=utf-8\r\nx-content-type-options: nosniff\r\n"
        f"x-arango-queue-time-seconds: 0.000000\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


_USER = {"_key": "user_1", "_id": "user/user_1", "_rev": "_abc", "count": 1, "counter": 3,
         "name": "user 1", "payload": "lorem ipsum " * 10}  # fmt: skip
_DONE = {"updateUser": {"ms": 1, "writes": 1}, "updateGroups": {"ms": 1, "writes": 1},
         "returnOne": {"ms": 0, "writes": 0}}  # fmt: skip
_TOKEN = "e30.eyJleHAiOjQ4MDAwMDAwMDAsImlhdCI6MTcwMDAwMDAwMH0.x"
_VERSION = _reply("200 OK", {"server": "arango", "version": "3.12.10", "license": "canned"})
_ANSWERS = {
    b"/_api/cursor": _reply("201 Created", {"result": [_USER], "hasMore": False, "error": False,
                                            "code": 201, "extra": {"stats": {}}}),
    b"/_api/transaction": _reply("200 OK", {"error": False, "code": 200, "result": _DONE}),
    b"/_open/auth": _reply("200 OK", {"jwt": _TOKEN}),
    b"/database": _reply("200 OK", {"error": False, "code": 200, "result": ["_system"]}),
    b"/_api/collection": _reply("200 OK", {"error": False, "code": 200, "result": []}),
    b"/_api/version?details=true": _VERSION,
    b"/_api/version": _VERSION,
    b"/_api/database/current": _reply("200 OK", {"error": False, "code": 200, "result": {}}),
    b"/_admin/server/role": _reply("200 OK", {"error": False, "code": 200, "role": "SINGLE"}),
    b"/_api/gharial": _reply("200 OK", {"error": False, "code": 200, "graphs": []}),
}  # fmt: skip
_UNKNOWN = _reply("404 Not Found", {"error": True, "code": 404, "errorNum": 404,
                                    "errorMessage": "unknown path"})  # fmt: skip


class _Canned(asyncio.Protocol):
    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while (end := self._rest.find(b"\r\n\r\n")) >= 0:
            head = self._rest[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._rest) < end + 4 + length:
                return
            self._rest = self._rest[end + 4 + length :]
            path = head.split(b" ", 2)[1]
            answer = next((a for tail, a in _ANSWERS.items() if path.endswith(tail)), _UNKNOWN)
            self._transport.write(answer)


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Canned, "127.0.0.1", 0, backlog=1024)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


def _end_with_stdin() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    asyncio.run(_serve())
