"""What is said of many measured times."""

import statistics
from collections.abc import Iterable

__all__ = ["summary"]


def summary(milliseconds: Iterable[float]) -> dict[str, float]:
    """Median, 95th percentile and worst, in milliseconds, and how many there were."""
    values = sorted(milliseconds)
    return {
        "median_ms": round(statistics.median(values), 1),
        "p95_ms": round(values[min(len(values) - 1, int(len(values) * 0.95))], 1),
        "worst_ms": round(values[-1], 1),
        "count": len(values),
    }
