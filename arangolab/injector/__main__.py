"""The injector's process: watch threads first, then gevent's patching, then the rest."""

from __future__ import annotations

import os
import sys

from arangolab.injector.watch import Watch


def main() -> int:
    """Run until stopped; 0 when stopped, 1 after a Fatal message."""
    watch = Watch()
    watch.start()
    from gevent import monkey

    monkey.patch_all()
    from arangolab.injector.process import run

    return run(watch)


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    os._exit(status)  # greenlets in flight are abandoned, not unwound
