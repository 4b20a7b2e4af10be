"""What Binder builds from; ``.ci/binder_steps`` takes the same steps in a clean environment."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import tomllib
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

ROOT = Path(__file__).parents[1]
BINDER = ROOT / "binder"


def test_it_installs_this_package_on_a_python_that_is_tested() -> None:
    """Where there is a folder binder, repo2docker reads its files alone."""
    assert (BINDER / "requirements.txt").read_text().split() == ["."]
    version = (BINDER / "runtime.txt").read_text().strip().removeprefix("python-")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f"Programming Language :: Python :: {version}" in project["classifiers"]


def test_collectd_comes_from_the_distribution() -> None:
    """Names of packages, one a line."""
    assert "collectd-core" in (BINDER / "apt.txt").read_text().split()


def test_what_is_run_at_the_build_is_a_script_that_can_be() -> None:
    """Executable, and the shell takes it."""
    script = BINDER / "postBuild"
    assert script.stat().st_mode & stat.S_IXUSR
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_the_badge_opens_part_one() -> None:
    """The notebook it names is there."""
    readme = (ROOT / "README.md").read_text()
    (address,) = re.findall(r"\]\((https://mybinder\.org/v2/gh/[^)]+)\)", readme)
    (path,) = parse_qs(urlsplit(address).query)["urlpath"]
    assert path.startswith("lab/tree/")
    assert (ROOT / path.removeprefix("lab/tree/")).is_file()


@pytest.mark.parametrize(
    "origin",
    [
        "https://github.com/someone/a-fork.git",
        "https://github.com/someone/a-fork/",
        "git@github.com:someone/a-fork.git",
        "ssh://git@github.com/someone/a-fork",
    ],
)
def test_the_address_is_that_of_the_clone(origin: str, tmp_path: Path) -> None:
    """However its origin is written; it opens what the badge opens."""
    said = linked(tmp_path, origin)
    assert said.returncode == 0, said.stderr
    path = "lab%2Ftree%2Fnotebooks%2Fpart1_monitoring.ipynb"
    assert said.stdout == f"https://mybinder.org/v2/gh/someone/a-fork/HEAD?urlpath={path}\n"
    assert path in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("origin", ["", "https://example.org/someone/a-fork.git"])
def test_a_clone_from_elsewhere_is_told(origin: str, tmp_path: Path) -> None:
    """Binder takes this address from GitHub."""
    said = linked(tmp_path, origin)
    assert said.returncode == 1
    assert said.stdout == ""
    assert "no remote 'origin' on GitHub" in said.stderr


def linked(folder: Path, origin: str) -> subprocess.CompletedProcess[str]:
    """binder/link in a clone of that origin."""
    (folder / "binder").mkdir()
    script = shutil.copy(BINDER / "link", folder / "binder")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    if origin:
        subprocess.run(["git", "-C", str(folder), "remote", "add", "origin", origin], check=True)
    return subprocess.run(["bash", str(script)], capture_output=True, text=True, check=False)
