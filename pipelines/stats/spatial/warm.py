"""Compile the scans at installation (`python -m pipelines.stats.spatial.warm`) to speed up the first run."""

from __future__ import annotations

from .circular_scan import circular_scan
from .tree_scan import tree_scan


def warm_up() -> None:
    """Run both scans under both nulls on four areas; numba caches the compiled code beside the source."""
    for null in ("poisson", "negative_binomial"):
        tree_scan([0, 2, 1, 3], [0, 1, 1, 1], [-1, 0, 0, 0], null=null, replicates=9)
        circular_scan(
            [2, 0, 3, 1],
            [10, 10, 10, 10],
            [[106.8, -6.2], [106.9, -6.2], [106.8, -6.3], [106.9, -6.3]],
            metric="great_circle",
            null=null,
            replicates=9,
        )


if __name__ == "__main__":
    warm_up()
