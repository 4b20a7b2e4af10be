"""``arangolab doctor``: every line with its state and what to do."""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path

import pytest

from arangolab.cli import doctor, machine
from arangolab.listening import address_towards
from arangolab.metrics.collectd.config import TYPES_DB
from arangolab.sandbox.launcher import SandboxProcess
from arangolab.target import Target
from tests.cli.command import arangolab
from tests.support import require


def test_this_machine_can_run_the_lab(sandbox: SandboxProcess) -> None:
    """In lines for people, with the server named; status 0."""
    said = arangolab("doctor", "--url", sandbox.url)
    assert said.status == 0
    assert said.out.endswith("The lab works here.\n")
    for name in ("python", "packages", "sandbox", "browser", "collectd", "open files", "server"):
        assert f"  {name} " in said.out


def test_json_is_one_object() -> None:
    """Each check has a name, a state and a text; advice wherever something is not ok."""
    said = arangolab("doctor", "--json")
    found = json.loads(said.out)
    assert found["works"] is True
    assert all(check["state"] == "ok" or check["advice"] for check in found["checks"])


def test_a_server_that_is_not_there_fails_it() -> None:
    """Status 1; the line says what to try."""
    said = arangolab("doctor", "--url", "http://127.0.0.1:1")
    assert said.status == 1
    assert "FAIL  server" in said.out
    assert "-> start the server" in said.out
    assert said.out.endswith("The lab cannot work here: see FAIL above.\n")


@pytest.mark.slow
def test_what_collectd_needs_on_the_servers_host_is_printed(tmp_path: Path) -> None:
    """A real collectd takes the lines as they stand."""
    require("collectd", Path("/usr/sbin/collectd").exists())
    said = arangolab("doctor", "--collectd-listen", "127.0.0.1:25999")
    assert said.status == 0
    assert "--collectd-listen 127.0.0.1:25999" in said.out
    lines = said.out[said.out.index("<LoadPlugin") : said.out.index("The lab works here.")]
    conf = tmp_path / "collectd.conf"
    conf.write_text(f'PluginDir "/usr/lib/collectd"\nTypesDB "{TYPES_DB}"\n{lines}')
    test = ["/usr/sbin/collectd", "-T", "-C", str(conf)]
    done = subprocess.run(test, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "not understood" not in done.stderr
    words = ("--json", "--collectd-listen", "0.0.0.0:25999")
    told = json.loads(arangolab("doctor", *words).out)["collectd_conf"]
    assert f'<Server "{socket.gethostname()}" "25999">' in told
    assert arangolab("doctor", "--collectd-listen", "nonsense").status == 2


def test_a_server_elsewhere_has_them_printed_unasked() -> None:
    """With this host's address as that one sees it; a server on this host needs none."""
    elsewhere = Target(urls=("http://192.0.2.1:8529",))
    found = doctor._listen("", elsewhere)
    here = address_towards("192.0.2.1")
    assert found == (None if here is None else (here, 25826))
    assert doctor._listen("", Target(urls=("http://127.0.0.1:1",))) is None


@pytest.mark.parametrize(("value", "state"), [(None, "ok"), (10.0, "warn"), (5000.0, "ok")])
def test_a_low_limit_is_a_warning(value: float | None, state: str) -> None:
    """With advice; one that cannot be read is none."""
    found = machine._limit("open files", value, 4096, "raise it.")
    assert found.state == state
    assert bool(found.advice) == (state == "warn")


def test_without_a_browser_the_lab_still_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning that says what is missing and how to get it."""
    monkeypatch.setenv("PATH", "")
    found = next(machine._browser())
    assert found.state == "warn"
    assert "apt-get install chromium" in found.advice
