"""What the samples are called."""

from __future__ import annotations

import pytest

from arangolab.metrics.register import NAMES, PATTERNS, meaning_of
from tests.cli.command import arangolab


@pytest.mark.parametrize(
    ("source", "name", "unit", "part"),
    [
        ("proc", "threads", "threads", "threads of the server"),
        ("collectd", "open_fds", "descriptors", "open file descriptors"),
        ("arango", "memory_maps", "maps", "each 60 s"),
        ("statsd", "login.read_user.p99_9_ms", "ms", "P-th percentile"),
        ("collectd", "login.mean_ms", "ms", "mean"),
        ("statsd", "clients.w3", "level", "process N"),
        ("statsd", "clients", "level", "in flight"),
        ("statsd", "anything", "level", "a gauge"),
        ("collectd", "load.load.shortterm", "value", ""),
        ("injector", "no_such_name", "ms", ""),
    ],
)
def test_a_name_has_a_meaning(source: str, name: str, unit: str, part: str) -> None:
    """Fixed names, those that come by statsd, and none for what other plugins tell."""
    found = meaning_of(source, name, unit)
    assert part in found
    assert bool(part) == bool(found)


def test_all_names_can_be_printed() -> None:
    """One line each, with unit and meaning."""
    said = arangolab("export", "--names")
    assert said.status == 0
    assert len(said.out.splitlines()) == 1 + len(NAMES) + len(PATTERNS)
    assert "proc" in said.out
    assert "NAME.pP_ms" in said.out
    assert max(map(len, said.out.splitlines())) < 160


def test_without_a_file_there_is_nothing_to_export() -> None:
    """A sentence, not a usage error without a hint."""
    said = arangolab("export")
    assert said.status == 2
    assert "No run file is given" in said.err
