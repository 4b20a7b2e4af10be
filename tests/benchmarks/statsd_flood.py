"""A flood of rubbish on the statsd socket: good lines count exactly, memory stays.

    python -m tests.benchmarks.statsd_flood [--seconds 60] [--quick]

Random bytes, and near misses of the grammar, as fast as the receiver takes them, with good lines
between them, which the sender counts.  The peer is the same receiver before the flood.
"""

from __future__ import annotations

import random
import socket
import time
from dataclasses import dataclass

import psutil

from arangolab.metrics.statsd.receiver import StatsdReceiver
from tests.benchmarks.common import options, say

POOL = 40
"""Batches of rubbish kept, so that making it does not slow the flood down."""
AT_ONCE = 99
"""Packets between two marks; the buffer has room for them."""
GOOD = b"exact.count:1|c\nexact.time:4|ms"
LINES = (b"a.b:1|c", b"a.b:3.5|ms|@0.5", b"g:+4|g", b"s:x|s", b"m:1|c:2|ms", b"t:1|c|#k:v,w:x")
PIECES = (
    *(b"a", b"bb", b"key.x", b":", b":", b"|", b"|", b"c", b"ms", b"g", b"s", b"h", b"@", b"@0.1"),
    *(b"|@0", b"|#a:b,c", b"|c:x", b"|T1", b"1", b"-1", b"+2", b"1e9", b"1e999", b"nan", b"0x1"),
    *(b"\n", b"\n", b"\xff", b"\x00", b" ", b"9" * 400, b"k" * 5000),
)


@dataclass(frozen=True)
class Flood:
    """What came of it."""

    packets: int
    good: int
    """Good packets sent."""
    counted: float
    """Good counter lines that the receiver counted."""
    timed: float
    lines: int
    bad_lines: int
    drops: int
    rss_bytes: tuple[int, int, int]
    """Before, halfway, after."""
    alive: bool


def main() -> None:
    """Print it."""
    asked = options(__doc__ or "", seconds=60.0)
    found = flood(min(300.0, asked.seconds / (10 if asked.quick else 1)))
    exact = found.counted == found.timed == found.good
    say(
        f"{found.packets:,} packets, {found.lines:,} lines, {found.bad_lines:,} of them bad; "
        f"dropped by the kernel: {found.drops}"
    )
    say(
        f"good lines: {found.good:,} sent, {found.counted:,.0f} counted, {found.timed:,.0f} timed; "
        f"exact: {exact}; receiver alive: {found.alive}"
    )
    before, halfway, after = (n / 1e6 for n in found.rss_bytes)
    say(f"resident memory: {before:.1f} MB before, {halfway:.1f} halfway, {after:.1f} after")


def flood(seconds: float, seed: int = 1) -> Flood:
    """Flood a receiver in this process; it is flushed each hundred packets."""
    draw = random.Random(seed)  # noqa: S311
    receiver, process = StatsdReceiver(), psutil.Process()
    counts = {"exact.count.count": 0.0, "exact.time.count": 0.0, "exact.mark.count": 0.0}
    began_s = time.monotonic()
    rss = [process.memory_info().rss]
    pool = [rubbish(draw) for _ in range(POOL)]
    packets = good = marks = 0

    def await_mark(number: int) -> None:
        """Flush until it is counted; all that was sent before it is then."""
        while counts["exact.mark.count"] < number and receiver.listens:
            for sample in receiver.flush(time.monotonic() - began_s):
                if sample.name in counts:
                    counts[sample.name] += sample.value
            time.sleep(0.0005)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.connect(("127.0.0.1", receiver.port))
        out.send(GOOD)
        good, packets = 1, 1
        while (now_s := time.monotonic()) - began_s < seconds:
            if len(rss) == 1 and now_s - began_s > seconds / 2:
                rss.append(process.memory_info().rss)
            pool[draw.randrange(len(pool))] = rubbish(draw)  # never twice the same for long
            for packet in draw.sample(draw.choice(pool), AT_ONCE):
                out.send(packet)
            out.send(GOOD)
            good += 1
            marks += 1
            packets += AT_ONCE + 2
            out.send(b"exact.mark:1|c")
            await_mark(marks)
    rss.append(process.memory_info().rss)
    found = Flood(
        packets=packets, good=good, counted=counts["exact.count.count"],
        timed=counts["exact.time.count"], lines=receiver.lines, bad_lines=receiver.bad_lines,
        drops=receiver.drops or 0, rss_bytes=(rss[0], rss[1], rss[-1]),
        alive=receiver.listens,
    )  # fmt: skip
    receiver.close()
    return found


def rubbish(draw: random.Random) -> list[bytes]:
    """Packets of random bytes, of pieces of lines in random order, of lines with a byte changed."""
    third = AT_ONCE // 3
    packets = [draw.randbytes(draw.randint(0, 1400)) for _ in range(third)]
    packets += [b"".join(draw.choices(PIECES, k=draw.randint(1, 40))) for _ in range(third)]
    packets += [changed(draw, draw.choice(LINES)) for _ in range(AT_ONCE - 2 * third)]
    draw.shuffle(packets)
    return packets


def changed(draw: random.Random, line: bytes) -> bytes:
    """Another byte somewhere, or one more, or one less."""
    at = draw.randrange(len(line))
    return line[:at] + draw.randbytes(draw.randint(0, 2)) + line[at + draw.randint(0, 1) :]


if __name__ == "__main__":
    main()
