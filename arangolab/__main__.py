"""``python -m arangolab``."""

import sys

from arangolab.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
