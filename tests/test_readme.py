"""README: what it shows works as it stands there."""

from __future__ import annotations

import argparse
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from mktestdocs import check_md_file

from arangolab.cli.main import COMMANDS, parser

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"


def commands() -> Iterator[str]:
    """Every ``arangolab ...`` command that README shows, in blocks and between backticks."""
    text = README.read_text(encoding="utf-8")
    blocks = "\n".join(re.findall(r"^```(?:bash)?\n(.*?)^```", text, flags=re.M | re.S))
    for line in blocks.splitlines():
        for part in line.split("&&"):
            if found := re.search(r"(?:^|/|\s)(arangolab .*)", part):
                yield found[1].strip()
    yield from re.findall(r"`(?:\.venv/bin/)?(arangolab [^`]+)`", text)


@pytest.mark.parametrize("line", sorted(set(commands())))
def test_commands_parse(line: str) -> None:
    """Each command and option exists; what stands in brackets is optional."""
    words = shlex.split(re.sub(r"[\[\]]", "", line))[1:]
    assert words[0] in COMMANDS
    options = parser(words[0]).parse_args(words)
    assert isinstance(options, argparse.Namespace)


def test_every_command_is_shown() -> None:
    """A newcomer finds all of them."""
    assert {line.split()[1] for line in commands()} == set(COMMANDS)


def test_there_are_two_commands_for_a_bare_machine() -> None:
    """Both in one line each; the first does the main job, the second runs the tests."""
    blocks = re.findall(r"^```bash\n(.*?)^```", README.read_text(encoding="utf-8"), re.M | re.S)
    assert [block.count("\n") for block in blocks[:2]] == [1, 1]
    assert "arangolab demo" in blocks[0]
    assert "pytest" in blocks[1]


def test_links_lead_to_files() -> None:
    """Pictures and pages in the repository are there."""
    text = README.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    missing = [x for x in links if not x.startswith("http") and not ROOT.joinpath(x).exists()]
    assert not missing


@pytest.mark.slow
def test_python_blocks_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other, in one namespace, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("ARANGOLAB_")]:
        monkeypatch.delenv(name)
    check_md_file(README, memory=True)
    assert (tmp_path / "ramp.sqlite").exists()
