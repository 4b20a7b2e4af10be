"""``python -m arangolab.cli.jupyter``: JupyterLab in a process that ends with its parent."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import Final

POLL_S: Final = 0.5


def end_with_parent(parent: int) -> None:
    """Send this process SIGTERM once its parent is gone; JupyterLab then ends its kernels."""
    while os.getppid() == parent:
        time.sleep(POLL_S)
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Watch the parent and run JupyterLab with the arguments given."""
    from jupyterlab.labapp import main as jupyterlab

    threading.Thread(target=end_with_parent, args=(os.getppid(),), daemon=True).start()
    sys.exit(jupyterlab())


if __name__ == "__main__":
    main()
