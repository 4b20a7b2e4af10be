"""What each server of a cluster uses."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from arangolab import cluster
from arangolab.errors import TargetError
from arangolab.sandbox.launcher import SandboxProcess
from arangolab.target import Target, api

HEALTH = {
    "PRMR-1": {"Role": "DBServer", "ShortName": "DBServer0001", "Status": "GOOD"},
    "PRMR-2": {"Role": "DBServer", "ShortName": "DBServer0002", "Status": "FAILED"},
    "CRDN-1": {"Role": "Coordinator", "ShortName": "Coordinator0001", "Status": "GOOD"},
    "AGNT-1": {"Role": "Agent", "Status": "GOOD"},
}
PAGE = """# TYPE arangodb_http_request_statistics_total_requests_total counter
arangodb_http_request_statistics_total_requests_total {requests}
# TYPE arangodb_process_statistics_number_of_threads gauge
arangodb_process_statistics_number_of_threads {threads}
"""


class Coordinator(http.server.BaseHTTPRequestHandler):
    """Speaks for a cluster of two servers whose requests grow each time they are asked for."""

    asked = 0
    health_status = 200

    def do_GET(self) -> None:
        """The three pages there are."""
        kind, status = type(self), 200
        at = urlsplit(self.path)
        if at.path.endswith("/_admin/server/role"):
            body = json.dumps({"role": "COORDINATOR", "error": False, "code": 200})
        elif at.path == "/_admin/cluster/health":
            body, status = json.dumps({"Health": HEALTH}), kind.health_status
        else:
            kind.asked += 1
            threads = {"PRMR-1": 50, "CRDN-1": 20}[parse_qs(at.query)["serverId"][0]]
            body = PAGE.format(requests=kind.asked * threads, threads=threads)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def coordinator() -> Iterator[Target]:
    """The coordinator as a target."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Coordinator) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield Target(urls=(f"http://127.0.0.1:{server.server_address[1]}",), user="")
        server.shutdown()


def test_coordinators_and_db_servers_each_have_a_row(coordinator: Target) -> None:
    """Agents and servers that are down have none; levels are those of the end."""
    before, after = cluster.look(coordinator), cluster.look(coordinator)
    table = cluster.between(before, after).set_index("server")
    assert list(table["role"]) == ["DB-Server", "coordinator"]
    assert list(table["threads"]) == [50, 20]
    assert (table["requests_per_s"] > 0).all()
    assert table["open_fds"].isna().all()


def test_a_cluster_that_does_not_tell_is_said(
    coordinator: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For want of rights, say."""
    monkeypatch.setattr(Coordinator, "health_status", 403)
    with pytest.raises(TargetError, match=r"does not tell its servers \(HTTP 403\)"):
        cluster.members(coordinator)


def test_a_single_server_is_its_own_row(sandbox: SandboxProcess) -> None:
    """The same figures without a cluster."""
    target = Target(urls=(sandbox.url,), user=sandbox.user)
    before = cluster.look(target)
    for _ in range(20):
        api(target, "GET", "/_api/version")
    (row,) = cluster.between(before, cluster.look(target)).to_dict("records")
    assert row["role"] == "single server"
    assert row["requests_per_s"] > 0
    assert row["threads"] > 0
