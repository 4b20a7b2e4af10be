"""Mergeable histograms of durations, of stated precision.

HdrHistogram, 1 microsecond to 1 hour, 3 significant digits: a percentile is right to 0.1 %.
Source of the structure and of the encoding: http://hdrhistogram.org (V2 compressed, base64).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from hdrh.codec import HdrHistogramEncoder
from hdrh.histogram import HdrHistogram

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LOWEST_US: Final = 1
HIGHEST_US: Final = 3_600_000_000
DIGITS: Final = 3


class Histogram:
    """Durations in seconds in, percentiles in seconds out."""

    __slots__ = ("_hdr",)

    def __init__(self) -> None:
        self._hdr = HdrHistogram(LOWEST_US, HIGHEST_US, DIGITS)

    def record(self, duration_s: float) -> None:
        """Count one duration; values outside 1 us .. 1 h count at the nearest bound."""
        us = round(duration_s * 1e6)
        self._hdr.record_value(min(HIGHEST_US, max(LOWEST_US, us)))

    def record_all(self, durations_s: Sequence[float]) -> None:
        """Count many durations, at a few hundredths of a microsecond each."""
        if not durations_s:
            return
        import numpy as np

        us = np.rint(np.asarray(durations_s, dtype=np.float64) * 1e6)
        us = np.clip(us, LOWEST_US, HIGHEST_US).astype(np.int64)
        self._count_us(us)

    def _count_us(self, us: NDArray[np.int64]) -> None:
        """Count whole microseconds within the bounds (HdrHistogram's index of a value)."""
        import numpy as np

        hdr = self._hdr
        half_bits = hdr.sub_bucket_half_count_magnitude
        bits = np.frexp(us.astype(np.float64))[1]
        bucket = np.maximum(bits - (half_bits + 1), 0)
        index = (bucket << half_bits) + (us >> bucket)
        np.add.at(self._counts(), index, 1)
        hdr.total_count += len(us)
        hdr.min_value = min(hdr.min_value, int(us.min()))
        hdr.max_value = max(hdr.max_value, int(us.max()))

    def _counts(self) -> NDArray[np.uint64]:
        """HdrHistogram's counters themselves, as an array."""
        import numpy as np

        return np.frombuffer(self._hdr.counts, dtype=np.uint64)

    def _tell_bounds(self) -> None:
        """Tell HdrHistogram what its counters hold now."""
        import numpy as np

        counts = self._counts()
        present = np.flatnonzero(counts)
        if len(present):
            first, last = int(present[0]), int(present[-1])
            self._hdr.set_internal_tacking_values(first, last, int(counts.sum()))

    def add(self, other: Histogram) -> None:
        """Count all that ``other`` counted."""
        self._hdr.add(other._hdr)

    def reset(self) -> None:
        """Forget everything counted."""
        hdr = self._hdr
        self._counts()[:] = 0  # hdrh's own reset takes a millisecond
        hdr.total_count, hdr.min_value, hdr.max_value = 0, sys.maxsize, 0

    @property
    def count(self) -> int:
        """How many durations were counted."""
        return int(self._hdr.total_count)

    def percentile_s(self, percent: float) -> float:
        """The duration in seconds that ``percent`` % of the values do not exceed; nan if empty."""
        if not self.count:
            return float("nan")
        return float(self._hdr.get_value_at_percentile(percent)) / 1e6

    def mean_s(self) -> float:
        """Mean in seconds; nan if empty."""
        import numpy as np

        if not self.count:
            return float("nan")
        values_s, counts = self.values()
        return float(np.average(values_s, weights=counts))

    def values(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """(middles of the counters that are not zero, in seconds; their counts), ascending."""
        import numpy as np

        counts = np.frombuffer(self._hdr.counts, dtype=np.int64)
        present = np.flatnonzero(counts)  # few of 23,000: the library's own walk takes 20 ms
        half_bits = self._hdr.sub_bucket_half_count_magnitude
        bucket = np.maximum((present >> half_bits) - 1, 0)
        lowest_us = (present - (bucket << half_bits)) << bucket
        middle_us = lowest_us + ((1 << bucket) - 1) / 2
        return middle_us / 1e6, counts[present]

    def encode(self) -> str:
        """Compressed text (base64), to be sent, stored and decoded."""
        encoded: bytes = self._hdr.encode()
        return encoded.decode("ascii")

    @classmethod
    def decode(cls, text: str) -> Histogram:
        """The histogram out of :meth:`encode`'s text."""
        made = cls()
        made._hdr = HdrHistogram.decode(text)
        return made


def merge(encoded: Iterable[str]) -> Histogram:
    """One histogram of all the encoded ones (processes, intervals).

    Only the counters that each of them uses are added up: a tenth of the time that decoding it
    whole takes, of which a run of hours has hundreds of thousands.
    """
    import numpy as np

    total = Histogram()
    counts = total._counts()
    for text in encoded:
        payload = HdrHistogramEncoder.decode(text)
        used = payload.init_counts(len(counts))
        if used["total"]:
            span = slice(used["min_nonzero_index"], used["max_nonzero_index"] + 1)
            counts[span] += np.frombuffer(payload.get_counts(), dtype=np.uint64)[span]
    total._tell_bounds()
    return total
