"""Print pip constraints that pin every dependency of pyproject.toml to its lower bound."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path


def main() -> None:
    """Read pyproject.toml beside this folder; print one ``name==bound`` a line."""
    text = Path(__file__).parents[1].joinpath("pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["test"]
    for requirement in wanted:
        found = re.fullmatch(r"([A-Za-z0-9._-]+)(?:>=|==)([0-9.]+)", requirement)
        if not found:
            sys.exit(f"{requirement}: every dependency states a lower bound, as name>=version.")
        print(f"{found[1]}=={found[2]}")


if __name__ == "__main__":
    main()
