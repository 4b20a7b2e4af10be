"""What Binder builds from; ``.ci/binder_steps`` takes the same steps in a clean environment."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import tomllib
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

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
