"""Print one of README's two commands: ``main`` (the first bash block) or ``test`` (the second)."""

from __future__ import annotations

import re
import sys
from pathlib import Path


def main() -> None:
    """Print the block named by the first argument."""
    readme = Path(__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```bash\n(.*?)^```", readme, flags=re.MULTILINE | re.DOTALL)
    print(blocks[{"main": 0, "test": 1}[sys.argv[1]]].strip())


if __name__ == "__main__":
    main()
