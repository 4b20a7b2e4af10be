"""A million scenarios, and whether the injector grows.

    python -m tests.benchmarks.endurance [--scenarios 1000000] [--rate 2500] [--quick]

Reads against a server of canned replies.  Told are the resident memory after each tenth and its
slope, and the connections open; the peer is the memory of the first tenth.
"""

from __future__ import annotations

from arangolab import stats
from tests.benchmarks.common import canned, injected, options, say


def main() -> None:
    """Print how memory and connections went."""
    asked = options(__doc__ or "", scenarios=1_000_000, rate=2500)
    seconds = asked.scenarios / asked.rate / (20 if asked.quick else 1)
    with canned() as server:
        found = injected(server.url, asked.rate, seconds, "aql_read")
    rows = found.intervals
    done, total = [], 0
    for row in rows:
        total += row.finished
        done.append(total / 100_000)
    for tenth in range(10):
        row = rows[min(len(rows) - 1, (tenth + 1) * len(rows) // 10)]
        say(
            f"{(tenth + 1) * 10:>4} %: resident {row.rss_bytes / 1e6:7.2f} MB "
            f"({row.rss_bytes / rows[len(rows) // 10].rss_bytes:.3f} of the first tenth's), "
            f"{row.connections_open} connections"
        )
    slope = stats.theil_sen_slope(done, [row.rss_bytes / 1e6 for row in rows])
    open_now = [row.connections_open for row in rows[1:-1]]
    say(
        f"{found.finished} of {found.intended} finished, {found.failed} failed; "
        f"{slope.value:+.3f} MB per 100,000 scenarios [{slope.low:+.3f}, {slope.high:+.3f}]; "
        f"connections open: {min(open_now)} to {max(open_now)}"
    )


if __name__ == "__main__":
    main()
