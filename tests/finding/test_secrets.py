"""A password is in nothing that a run, a notebook or a finding leaves behind."""

from __future__ import annotations

import base64
import gzip
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from arangolab import finding, lab, open_run
from arangolab.sandbox.launcher import SandboxProcess
from tests.cli.command import arangolab

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PASSWORD = "tr0ub4dor&3-horse"
FORMS = (
    PASSWORD.encode(),
    base64.b64encode(f"root:{PASSWORD}".encode()),
    PASSWORD.replace("&", "%26").encode(),
    PASSWORD.replace("&", "&amp;").encode(),
    PASSWORD.replace("&", "\\u0026").encode(),
)
TOKEN = re.compile(rb"eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}")
"""A JSON web token, as servers hand out for the password."""
CELLS = (
    "import arangolab\nfrom arangolab.measuring import Measuring",
    "target = arangolab.connect()\ntarget",
    "arangolab.load(target, users=100)",
    "live = arangolab.start(target, rate_per_s=10, duration_s=2, users=(1, 100),\n"
    "                       measuring=Measuring(collectd=COLLECTD), path='in_notebook.sqlite')\n"
    "run = await live\nrun",
    "vars(run), run.summary(), run.server, repr(target)",
    "try:\n    arangolab.connect(password='wrong')\n"
    "except arangolab.ArangolabError as error:\n    print(repr(error))",
)


def leaks(folder: Path) -> list[str]:
    """Files with the password or a token in any form; attached run files are looked into."""
    found = []
    for file in (path for path in folder.rglob("*") if path.is_file()):
        data = file.read_bytes()
        for packed in re.findall(rb"data:application/gzip;base64,([\w+/=]+)", data):
            data += gzip.decompress(base64.b64decode(packed))
        if any(form in data for form in FORMS) or TOKEN.search(data):
            found.append(file.name)
    return found


def test_the_scan_sees_what_it_looks_for(tmp_path: Path) -> None:
    """Each form, a token, and a password within an attached file."""
    for number, form in enumerate(FORMS):
        (tmp_path / f"form-{number}").write_bytes(b"x" + form + b"y")
    (tmp_path / "token").write_bytes(b"bearer eyJhbGciOiJIUzI1.eyJpc3MiOiJhcmFu.c2lnbmF0dXJlMQ")
    packed = base64.b64encode(gzip.compress(PASSWORD.encode()))
    (tmp_path / "page.html").write_bytes(b'href="data:application/gzip;base64,' + packed + b'"')
    assert len(leaks(tmp_path)) == len(FORMS) + 2


def test_nothing_that_is_left_behind_holds_the_password(
    make_sandbox: Callable[..., SandboxProcess], tmp_path: Path
) -> None:
    """Run files, collectd's files, an executed notebook, pages, a finding, what commands print."""
    server = make_sandbox(password=PASSWORD)
    env = {**os.environ, "ARANGOLAB_URL": server.url, "ARANGOLAB_PASSWORD": PASSWORD}
    source = tmp_path / "source.ipynb"
    collectd = str(bool(shutil.which("collectd") or Path("/usr/sbin/collectd").exists()))
    cells = [new_code_cell(cell.replace("COLLECTD", collectd)) for cell in CELLS]
    nbformat.write(new_notebook(cells=cells), source)
    notebook = tmp_path / "executed.ipynb"
    finding.execute(source, notebook, parameters={}, env=env)
    finding.export_html(notebook, notebook.with_suffix(".html"), title="executed")
    run = open_run(tmp_path / "in_notebook.sqlite")
    assert run.summary()["finished"] == 20
    lab.finding(run, "A finding", out=tmp_path / "finding")
    words = ("run", "login", "--rate", "5", "--duration", "1", "--users", "1:100")
    out = str(tmp_path / "by_command.sqlite")
    said = arangolab(
        *words, "--url", server.url, "--out", out, timeout_s=60, ARANGOLAB_PASSWORD=PASSWORD
    )
    assert said.status == 0, said.err
    (tmp_path / "printed.log").write_text(said.out + said.err)
    files = {path.name for path in tmp_path.rglob("*")}
    assert {"in_notebook.html", "in_notebook.sqlite", "executed.html", "by_command.sqlite"} <= files
    assert leaks(tmp_path) == []
