"""A JupyterLab that the tests of a module share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.lab import chromium_page, jupyterlab, need_chromium
from tests.browser.sheet import Sheet


@pytest.fixture(scope="session")
def lab(
    tmp_path_factory: pytest.TempPathFactory, loaded_sandbox: Any
) -> Iterator[tuple[Path, str]]:
    """A JupyterLab for all tests: its folder and URL."""
    need_chromium()
    folder = tmp_path_factory.mktemp("lab")
    with jupyterlab(folder, {"ARANGOLAB_URL": loaded_sandbox.url}) as base:
        yield folder, base


@pytest.fixture
def sheet(lab: tuple[Path, str], request: pytest.FixtureRequest) -> Iterator[Sheet]:
    """A notebook with a panel, on a narrow page."""
    with chromium_page(1000, 1400) as page:
        made = Sheet(lab, page, f"n{abs(hash(request.node.name)) % 10**6}")
        yield made
        made.close()
