"""The command line as a whole: help, versions, exit statuses."""

from __future__ import annotations

import argparse

import pytest

from arangolab import __version__
from arangolab.cli.main import COMMANDS, parser
from tests.cli.command import arangolab


def command(name: str) -> argparse.ArgumentParser:
    """The command's own parser."""
    choices = next(a.choices for a in parser()._actions if a.dest == "command")
    found: argparse.ArgumentParser = choices[name]  # type: ignore[index,call-overload]
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_what_it_does_and_shows_an_example(name: str) -> None:
    """A newcomer learns it from --help alone; no option is without a word."""
    text = command(name).format_help()
    assert "example" in text
    assert f"arangolab {name}" in text
    for action in command(name)._actions:
        assert action.help, action.dest
    assert all(len(line) <= 100 for line in text.splitlines())


@pytest.mark.parametrize("name", COMMANDS)
def test_no_option_takes_a_password(name: str) -> None:
    """What stands in argv can be read by everybody on the machine."""
    options = {option for action in command(name)._actions for option in action.option_strings}
    assert "--password" not in options


def test_help_lists_the_commands() -> None:
    """Each in one line, and what to try first."""
    said = arangolab("--help")
    assert said.status == 0
    assert all(name in said.out and summary[:20] in said.out for name, summary in COMMANDS.items())
    assert "arangolab demo --quick" in said.out


def test_version() -> None:
    """The version of the package."""
    assert arangolab("--version").out == f"arangolab {__version__}\n"


@pytest.mark.parametrize("words", [(), ("nonsense",), ("run",), ("load", "--users", "many")])
def test_wrong_usage_ends_with_status_2(words: tuple[str, ...]) -> None:
    """As argparse has it: usage on stderr, nothing on stdout."""
    said = arangolab(*words)
    assert said.status == 2
    assert not said.out
    assert "usage: arangolab" in said.err
