"""The benchmarks run: the smallest of each kind, looked at for their words alone."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from tests.benchmarks.common import ROOT

NAMES = (
    *("injector_cost", "schedule", "coordinated_omission", "overload", "endurance"),
    *(
        "live_cost",
        "many_processes",
        "cut_connections",
        "statsd_receiver",
        "statsd_flood",
        "process_sampler",
    ),
    "agreement",
    "confusion",
    "sandbox_speed",
)


@pytest.mark.parametrize("name", NAMES)
def test_each_says_what_it_measures_and_how_it_is_called(name: str) -> None:
    """In its first lines."""
    module = importlib.import_module(f"tests.benchmarks.{name}")
    assert f"python -m tests.benchmarks.{name}" in (module.__doc__ or "")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("many_processes", "--seconds", "2"), "users without overlap: True"),
        (("overload", "--seconds", "3"), "shed: True"),
        (("confusion", "--quick", "--only", "threads,injector: small bound"), "1/1"),
        (("statsd_flood", "--seconds", "4"), "exact: True; receiver alive: True"),
        (("cut_connections", "--posts", "100"), "equal: True"),
    ],
)
def test_what_must_hold_whatever_the_machine_does(words: tuple[str, ...], part: str) -> None:
    """Totals that add up; figures that depend on the machine are for people to read."""
    command = [sys.executable, "-m", f"tests.benchmarks.{words[0]}", *words[1:]]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert done.returncode == 0, done.stderr
    assert part in done.stdout
    assert "False" not in done.stdout
