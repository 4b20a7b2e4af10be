"""The public surface: few names, cheap to import, gevent nowhere near the kernel."""

from __future__ import annotations

import subprocess
import sys

import pytest

import arangolab

PUBLIC = {
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
}


def in_fresh_process(code: str) -> str:
    """What ``code`` prints in a new interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


def test_the_public_names_are_these_and_no_others() -> None:
    """A name is added or taken away on purpose, here and in the code."""
    assert set(arangolab.__all__) == PUBLIC
    assert len(PUBLIC) <= 15


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_every_public_name_can_be_had_and_says_what_it_is(name: str) -> None:
    """Each name resolves and has a docstring."""
    assert getattr(arangolab, name).__doc__


def test_a_public_name_stays_what_it_is_whatever_is_imported() -> None:
    """No module has a public function's name, or importing it would put it in its place."""
    code = (
        "import pkgutil, arangolab; "
        "print([m.name for m in pkgutil.iter_modules(arangolab.__path__) "
        "if m.name in arangolab.__all__])"
    )
    assert in_fresh_process(code) == "[]"


def test_an_unknown_name_is_an_attribute_error() -> None:
    """The lazy module still behaves like a module."""
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        arangolab.nonsense  # noqa: B018


def test_importing_arangolab_loads_nothing_heavy() -> None:
    """A fresh import loads neither gevent nor pandas, plotly, ipywidgets or requests."""
    code = (
        "import arangolab, sys; "
        "print([m for m in ('gevent','grequests','geventhttpclient','pandas','numpy','plotly',"
        "'ipywidgets','requests','pyArango') if m in sys.modules])"
    )
    assert in_fresh_process(code) == "[]"


def test_using_every_public_name_never_loads_gevent() -> None:
    """The kernel may touch everything public; gevent stays in the injector's process."""
    code = (
        "import arangolab, sys; [getattr(arangolab, n) for n in arangolab.__all__]; "
        "print([m for m in sys.modules if m.split('.')[0] in "
        "('gevent','grequests','geventhttpclient')])"
    )
    assert in_fresh_process(code) == "[]"


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    """`arangolab --help` answers at once."""
    code = (
        "import arangolab.cli.main, sys; "
        "print([m for m in ('gevent','pandas','numpy','plotly','ipywidgets','requests') "
        "if m in sys.modules])"
    )
    assert in_fresh_process(code) == "[]"
