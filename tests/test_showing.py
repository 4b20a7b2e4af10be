"""What objects show of themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from arangolab import lab
from arangolab.objective import Objective
from arangolab.runfile.reader import open_run
from arangolab.runner.steered import attach
from arangolab.sandbox.launcher import SandboxProcess
from arangolab.search import Result
from arangolab.showing import Told, table
from arangolab.target import Target
from tests.runfile import made

FOUND = {
    "status": "found", "capacity_per_s": 8.0878, "low_per_s": 7.5633, "high_per_s": 8.7684,
    "confidence": 0.95, "trials": 13, "time_used_s": 226.8, "sentence": "Sustains 8.09 <b>/s.",
}  # fmt: skip


def test_what_is_shown_is_escaped() -> None:
    """Markup in a value is text."""
    assert "&lt;b&gt;&amp;" in table([("name", "<b>&")])


def test_a_target_shows_where_and_who_but_no_password() -> None:
    """Before it is connected to, the server was not asked."""
    target = Target(urls=("http://db1:8529",), user="anna", password="se:cret", database="shop")
    assert repr(target) == "<Target http://db1:8529, database shop, user anna>"
    page = target._repr_html_()
    assert "not asked yet" in page
    assert "se:cret" not in repr(target) + page


@pytest.mark.slow
def test_connect_shows_what_the_server_is(sandbox: SandboxProcess) -> None:
    """Its name, version and role; the target is equal to one that was not asked."""
    target = lab.connect(sandbox.url, sandbox.user, password="")
    assert "speaks ArangoDB" in repr(target)
    assert "SINGLE" in target._repr_html_()
    assert target == Target.from_environment(sandbox.url, sandbox.user, password="")


def test_a_capacity_is_a_sentence_and_a_few_rows() -> None:
    """The rate with its interval, and what it cost."""
    found = Result(**FOUND)  # type: ignore[arg-type]
    assert repr(found) == "<Result found: Sustains 8.09 <b>/s.>"
    page = found._repr_html_()
    assert "8.09/s [7.56, 8.77] (95 %)" in page
    assert "13 in 3 min 47 s" in page
    assert "8.09 &lt;b&gt;/s" in page


def test_an_objective_shows_what_it_reads() -> None:
    """Its repr is the expression that makes it; its table says each limit in words."""
    objective = Objective.parse("response_p95<500ms, errors<2%")
    assert eval(repr(objective)) == objective  # noqa: S307
    assert "below 500 ms" in objective._repr_html_()


def test_a_run_shows_its_verdict_and_its_capacity(tmp_path: Path) -> None:
    """The verdict's sentence in both forms; verdict and endurance are dicts that show theirs."""
    writer = made.begun(tmp_path / "run.sqlite")
    for name in ("verdict", "endurance"):
        writer.meta(name, {"sentence": f"The {name} <is>.", "met": True, "drifts": []})
    writer.meta("capacity", FOUND)
    writer.commit()
    run = open_run(writer.path)
    assert repr(run).endswith("running: The verdict <is>.>")
    page = run._repr_html_()
    assert "The verdict &lt;is&gt;." in page
    assert "8.09/s [7.56, 8.77]" in page
    assert isinstance(run.endurance, Told)
    assert run.endurance["met"] is True
    assert "<b>The endurance &lt;is&gt;.</b>" in run.endurance._repr_html_()
    writer.close()


def test_a_live_run_shows_its_rate_and_what_is_left(tmp_path: Path) -> None:
    """State, rate, since when and how long; completion offers what steers it and no more."""
    writer = made.begun(tmp_path / "run.sqlite")
    live = attach(writer.path)
    assert repr(live).startswith(
        "<AttachedRun run.sqlite: by hand, running at 10 scenarios/s since"
    )
    assert "left" in repr(live)
    assert "running at 10 scenarios/s" in live._repr_html_()
    offered = {name for name in dir(live) if not name.startswith("_")}
    assert offered >= {"set_rate", "stop", "wait", "state", "left_s"}
    assert all(getattr(type(live), name, None) or name in vars(live) for name in offered)
    writer.close()
