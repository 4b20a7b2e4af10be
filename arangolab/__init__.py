"""arangolab: a Jupyter laboratory for capacity experiments on ArangoDB.

The short way: ``connect`` (or ``start_sandbox``), ``load``, then ``start``, ``ramp``,
``find_capacity`` or ``endure``; each gives a run, whose file ``open_run`` opens again;
``five_graphs`` draws it, ``compare`` holds two against each other, ``Panel`` drives one by hand.
Scenarios are functions marked ``scenario`` that take a ``Session``; ``Objective`` is what
"sustained" means; whatever goes wrong is an ``ArangolabError``.

Inside, imports point downwards only: cli, panel and magics, finding, lab, figures, runner;
diagnosis over indicators, capacity over checks and observation, search and stats (pure); runfile;
injector (gevent lives in its process alone), metrics, sandbox; scenarios, plan, pacing (values).
CONTRIBUTING.md has the map of the modules.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from arangolab.comparison import compare
    from arangolab.errors import ArangolabError
    from arangolab.figures import five_graphs
    from arangolab.lab import connect, load, start_sandbox
    from arangolab.objective import Objective
    from arangolab.panel import Panel
    from arangolab.runfile import open_run
    from arangolab.runs import endure, find_capacity, ramp, start
    from arangolab.scenarios.definition import Session, scenario

__version__ = "0.1.0"

_HOME = {
    "ArangolabError": "errors",
    "Objective": "objective",
    "Panel": "panel",
    "Session": "scenarios.definition",
    "compare": "comparison",
    "connect": "lab",
    "endure": "runs",
    "find_capacity": "runs",
    "five_graphs": "figures",
    "load": "lab",
    "open_run": "runfile",
    "ramp": "runs",
    "scenario": "scenarios.definition",
    "start": "runs",
    "start_sandbox": "lab",
}

__all__ = [
    "ArangolabError",
    "Objective",
    "Panel",
    "Session",
    "compare",
    "connect",
    "endure",
    "find_capacity",
    "five_graphs",
    "load",
    "open_run",
    "ramp",
    "scenario",
    "start",
    "start_sandbox",
]


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext arangolab``: the cell magic %%scenario."""
    importlib.import_module("arangolab.magics").register(shell)


def __getattr__(name: str) -> Any:
    """Import a public name on first use, so that ``import arangolab`` costs next to nothing."""
    if name not in _HOME:
        raise AttributeError(f"module 'arangolab' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"arangolab.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
