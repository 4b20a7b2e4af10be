"""What keeps a run from beginning: an error of the right kind, in a sentence, and no file."""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from arangolab.errors import (
    AccessDenied,
    InputError,
    NoSuchDatabase,
    NotArangoDB,
    RunFileError,
    ScenarioError,
    Unreachable,
)
from arangolab.target import Target
from tests.metrics.arango.metrics_server import MetricsServer
from tests.runner.runs import plan_of, scenario, start


def refused(kind: type[Exception], target: Target, tmp_path: Path, **plan: object) -> str:
    """The sentence with which the run is refused; there is no file then."""
    path = tmp_path / "run.sqlite"
    with pytest.raises(kind) as caught:
        start(target, path, (1, 1), **plan)
    assert type(caught.value) is kind
    assert list(tmp_path.iterdir()) == []
    return str(caught.value)


def test_nothing_listens(tmp_path: Path) -> None:
    """A wrong URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        assert "Nothing listens" in refused(Unreachable, Target(urls=(url,)), tmp_path)


def test_something_else_listens(tmp_path: Path) -> None:
    """A server that is not ArangoDB."""
    with MetricsServer() as server:
        assert "is not ArangoDB" in refused(NotArangoDB, Target(urls=server.urls), tmp_path)


def test_no_such_database(target: Target, tmp_path: Path) -> None:
    """A database that does not exist."""
    assert "'nowhere'" in refused(NoSuchDatabase, replace(target, database="nowhere"), tmp_path)


def test_a_wrong_password(target: Target, tmp_path: Path) -> None:
    """The password is wrong, and is not repeated."""
    wrong = replace(target, user="nobody", password="hunter2")
    sentence = refused(AccessDenied, wrong, tmp_path)
    assert "refuses user 'nobody'" in sentence
    assert "hunter2" not in sentence


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def mine(session:\n", "not valid Python"),
        ("def mine(session):\n    pass\n\nraise OSError('no luck')\n", "fails while it is loaded"),
    ],
)
@pytest.mark.slow
def test_a_scenario_that_cannot_be_loaded(
    target: Target, tmp_path: Path, source: str, words: str
) -> None:
    """A file with a syntax error, or one that fails when it is run."""
    assert words in refused(ScenarioError, target, tmp_path, **scenario(source))


@pytest.mark.slow
def test_an_unknown_scenario(target: Target, tmp_path: Path) -> None:
    """A name that is no built-in's."""
    assert "no scenario 'dance'" in refused(ScenarioError, target, tmp_path, scenario="dance")


@pytest.mark.slow
def test_the_run_file_is_there_already(target: Target, tmp_path: Path) -> None:
    """Nothing is overwritten."""
    path = tmp_path / "run.sqlite"
    path.write_text("precious")
    with pytest.raises(RunFileError, match="There is a file"):
        start(target, path, (1, 1))
    assert path.read_text() == "precious"


@pytest.mark.slow
def test_the_folder_is_a_file(target: Target, tmp_path: Path) -> None:
    """A folder that cannot be made."""
    (tmp_path / "folder").write_text("")
    with pytest.raises(RunFileError, match="cannot be made"):
        start(target, tmp_path / "folder" / "run.sqlite", (1, 1))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /proc")
@pytest.mark.slow
def test_a_folder_that_takes_no_files(target: Target) -> None:
    """A folder in which nothing can be written, even by root."""
    with pytest.raises(RunFileError, match="cannot be made"):
        start(target, Path(f"/proc/{os.getpid()}/run.sqlite"), (1, 1))


def test_more_processes_than_users() -> None:
    """Each process needs users of its own."""
    with pytest.raises(InputError, match="3 injector processes for fewer users"):
        plan_of((1, 1), last_user=2, processes=3)
