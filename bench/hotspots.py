"""Speed and memory of the hotspot engine, as ratios within one run: `python -m bench.hotspots [--only NAME]`.

Each row is measured in a separate process: cold (numba compiles everything), then warm from the cache on disk
(first call in a new process), then a repeated call; peak memory is that of the warm process. It is compared
with a plain numpy or scipy version, or esda's, of the same statistic. Plain scans run fewer replicates and are
scaled up, as the table says. Writes .bench/hotspots.json.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

OUT = Path(".bench/hotspots.json")
EVENTS = 1_113
Measured = dict[str, float]


def _tree(n_kelurahan: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return parent, exposure and cases of a tree with 38 provinces, 514 kab, 7,285 kecamatan (or fewer)."""
    rng = np.random.default_rng(1)
    kab, kec = (514, 7_285) if n_kelurahan > 7_285 else (60, n_kelurahan // 8)
    up = [np.sort(rng.integers(0, p, n)) for p, n in ((38, kab), (kab, kec), (kec, n_kelurahan))]
    start = [0, 38, 38 + kab]
    parent = np.concatenate([np.full(38, -1), *(s + u for s, u in zip(start, up, strict=True))])
    exposure = np.concatenate([np.zeros(38 + kab + kec), rng.integers(3, 20, n_kelurahan)])
    return parent, exposure, rng.multinomial(EVENTS, exposure / exposure.sum())


def _map(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return cases, population and coordinates of n areas."""
    rng = np.random.default_rng(2)
    population = rng.gamma(3.0, 100.0, n)
    return rng.multinomial(EVENTS, population / population.sum()), population, rng.uniform(0, 1000, (n, 2))


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    value = call()
    return time.perf_counter() - start, value


def _check(ours: tuple[float, np.ndarray], plain: tuple[float, np.ndarray]) -> None:
    """Check that both compute the same statistic, and replicates of similar size."""
    np.testing.assert_allclose(ours[0], plain[0], rtol=1e-9)
    middle = np.median(ours[1]) / np.median(plain[1])
    if not 0.5 < middle < 2:
        raise AssertionError(f"replicates differ: median ratio {middle:.2f}")


def tree(n: int, spread: bool, plain: bool) -> Measured:
    from bench.plain import PlainTree
    from pipelines.stats.spatial.tree_scan import tree_scan

    parent, exposure, cases = _tree(n)
    null: dict[str, Any] = {"null": "negative_binomial", "k_kab": 0.27, "k_kec": 0.22} if spread else {}
    first, result = _timed(lambda: tree_scan(cases, exposure, parent, **null))
    again, _ = _timed(lambda: tree_scan(cases, exposure, parent, **null))
    measured = {"first": first, "again": again}
    if plain:
        other = PlainTree(parent, exposure, result.shape if spread else None)
        n_plain = 99
        seconds, found = _timed(lambda: other.scan(cases, n_plain, 3))
        _check((result.clusters[0].llr, result.null_llr), found)
        measured |= {"plain": seconds * 999 / n_plain, "plain_replicates": n_plain}
    return measured


def circles(n: int, share: float, reach: int | None, plain: bool) -> Measured:
    from bench.plain import PlainCircles
    from pipelines.stats.spatial.circular_scan import circular_scan

    cases, population, xy = _map(n)
    first, result = _timed(lambda: circular_scan(cases, population, xy, share, max_neighbours=reach))
    measured = {"first": first}
    if n < 50_000:
        measured["again"], _ = _timed(
            lambda: circular_scan(cases, population, xy, share, max_neighbours=reach)
        )
    if plain:
        n_plain = 49 if n < 1_000 else 5
        most = max(len(c.members) for c in result.clusters)
        width = reach or max(int(n * share * 1.4), most)
        other = PlainCircles(population, xy, share, width)
        seconds, found = _timed(lambda: other.scan(cases, n_plain, 3))
        _check((result.clusters[0].llr, result.null_llr), found)
        measured |= {"plain": seconds * 999 / n_plain, "plain_replicates": n_plain}
    return measured


def _counts(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    exposure = rng.integers(3, 20, n).astype(float)
    counts = rng.poisson(EVENTS * exposure / exposure.sum() * rng.gamma(0.3, 1 / 0.3, n))
    return counts, exposure * counts.sum() / exposure.sum()


def eb(n: int, plain: bool) -> Measured:
    from pipelines.stats.empirical_bayes import gamma_poisson_eb

    counts, expected = _counts(n)
    first, result = _timed(lambda: gamma_poisson_eb(counts, expected))
    again, _ = _timed(lambda: gamma_poisson_eb(counts, expected))
    measured = {"first": first, "again": again}
    if plain:
        from scipy import optimize, stats

        def by_scipy() -> Any:
            def minus(p: np.ndarray) -> float:
                a, b = np.exp(p)
                return -float(stats.nbinom.logpmf(counts, a, b / (b + expected)).sum())

            a, b = np.exp(optimize.minimize(minus, np.zeros(2), method="Nelder-Mead").x)
            post = stats.gamma(a + counts, scale=1 / (b + expected))
            return post.mean(), post.ppf(0.025), post.ppf(0.975), post.sf(2.0)

        measured["plain"], found = _timed(by_scipy)
        np.testing.assert_allclose(result.estimate, found[0], rtol=2e-2)
    return measured


def eb_esda(n: int, plain: bool) -> Measured:
    from pipelines.stats.moment_eb import marshall_eb

    rng = np.random.default_rng(4)
    population = rng.integers(3, 20, n) * 250.0
    counts = rng.poisson(population * 0.002 * rng.gamma(2.0, 0.5, n))
    first, result = _timed(lambda: marshall_eb(counts, population))
    again, _ = _timed(lambda: marshall_eb(counts, population))
    measured = {"first": first, "again": again}
    if plain:
        from esda.smoothing import Empirical_Bayes

        measured["plain"], other = _timed(lambda: Empirical_Bayes(counts, population))
        np.testing.assert_allclose(result.estimate, other.r.ravel(), rtol=1e-2)
    return measured


def nb_test(n: int, plain: bool) -> Measured:
    from pipelines.stats.outlier_nb import nb_midp_test

    counts, expected = _counts(n)
    first, result = _timed(lambda: nb_midp_test(counts, expected))
    again, _ = _timed(lambda: nb_midp_test(counts, expected))
    measured = {"first": first, "again": again}
    if plain:
        from scipy import optimize, stats

        def by_scipy() -> Any:
            def minus(x: float) -> float:
                k = np.exp(x)
                return -float(stats.nbinom.logpmf(counts, k, k / (k + expected)).sum())

            k = np.exp(optimize.minimize_scalar(minus, bounds=(-7, 7), method="bounded").x)
            law = stats.nbinom(k, k / (k + expected))
            p = law.sf(counts) + 0.5 * law.pmf(counts)
            return p, stats.false_discovery_control(p)

        measured["plain"], found = _timed(by_scipy)
        np.testing.assert_allclose(result.p_value, found[0], atol=1e-3)
    return measured


# name, comparison, target in seconds (None: measured only to show how cost grows), call
ROWS: list[tuple[str, str, float | None, Callable[[bool], Measured]]] = [
    ("tree 514 leaves, Poisson", "numpy", None, lambda p: tree(514, False, p)),
    ("tree 7,000 leaves, Poisson", "numpy", None, lambda p: tree(7_000, False, p)),
    ("tree 91,000 nodes, Poisson", "numpy", 0.5, lambda p: tree(83_163, False, p)),
    ("tree 91,000 nodes, over-dispersed", "numpy", 2.0, lambda p: tree(83_163, True, p)),
    ("circles 514 centres, 50 %", "numpy", 1.5, lambda p: circles(514, 0.5, None, p)),
    ("circles 7,000 centres, 10 %", "numpy", 12.0, lambda p: circles(7_000, 0.1, None, p)),
    ("circles 83,000 centres, 100 nearest", "numpy", None, lambda p: circles(83_000, 0.1, 100, p)),
    ("gamma-Poisson EB 514", "scipy", None, lambda p: eb(514, p)),
    ("gamma-Poisson EB 7,000", "scipy", None, lambda p: eb(7_000, p)),
    ("gamma-Poisson EB 83,000", "scipy", 0.5, lambda p: eb(83_000, p)),
    ("Marshall EB 83,000", "esda", 0.5, lambda p: eb_esda(83_000, p)),
    ("NB mid-P, BH, BY 514", "scipy", None, lambda p: nb_test(514, p)),
    ("NB mid-P, BH, BY 7,000", "scipy", None, lambda p: nb_test(7_000, p)),
    ("NB mid-P, BH, BY 83,000", "scipy", 0.5, lambda p: nb_test(83_000, p)),
]


def child(name: str, plain: bool) -> Measured:
    """Measure one row in this process."""
    call = next(row[3] for row in ROWS if row[0] == name)
    imported = _timed(lambda: __import__("pipelines.stats.spatial.circular_scan"))[0]
    measured = call(plain)
    # With the plain version this would be its peak too; the caller takes the peak from a run without it.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"import": imported, **measured, "peak_mb": peak}


def run(name: str, cache: str, plain: bool) -> Measured:
    """Measure one row in a fresh process with its numba cache in the given folder."""
    command = [sys.executable, "-m", "bench.hotspots", "--child", name] + (["--plain"] if plain else [])
    environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
    # The command is this module itself, with a name from ROWS.
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)  # noqa: S603
    measured: Measured = json.loads(done.stdout.splitlines()[-1])
    return measured


def measure(name: str) -> Measured:
    """Measure cold, warm and in comparison."""
    with tempfile.TemporaryDirectory() as cache:
        cold = run(name, cache, plain=False)
        warm = run(name, cache, plain=False)
        beside = run(name, cache, plain=True)
    again = warm.get("again", warm["first"])
    ours = beside.get("again", beside["first"])
    return {
        "cold_s": cold["import"] + cold["first"],
        "warm_s": warm["first"],
        "again_s": again,
        "peak_mb": warm["peak_mb"],
        "plain_s": beside["plain"],
        "plain_replicates": beside.get("plain_replicates", 0),
        "ratio": beside["plain"] / ours,
    }


def main(argv: list[str] | None = None) -> int:
    """Measure all rows (or those whose name contains --only), print the table, write the JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.hotspots", description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", help="only rows whose name contains this text")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--plain", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.child:
        print(json.dumps(child(options.child, options.plain)))
        return 0
    console = Console(width=max(Console().width, 118))
    table = Table(title=f"999 replicates, {EVENTS:,} events; {os.cpu_count()} cores; seconds")
    for column in ("row", "cold", "warm", "again", "target", "plain", "times faster", "peak MB"):
        table.add_column(column, justify="left" if column == "row" else "right")
    rows = {}
    for name, other, target, _ in ROWS:
        if options.only not in name:
            continue
        with console.status(name):
            m = measure(name)
        rows[name] = {**m, "compared_with": other, "target_s": target, "load": os.getloadavg()[0]}
        scaled = "~" if m["plain_replicates"] else ""
        verdict = "" if target is None else f"{target:g} {'✓' if m['warm_s'] <= target else '✗'}"
        times = [f"{m[key]:.3f}" for key in ("cold_s", "warm_s", "again_s")]
        plain = f"{scaled}{m['plain_s']:.3g} {other}"
        table.add_row(name, *times, verdict, plain, f"{m['ratio']:.2g}", f"{m['peak_mb']:.0f}")
    console.print(table)
    console.print(
        "cold: import and first call with nothing compiled; warm: first call, compiled code read from disk; "
        "~: scaled up from fewer replicates."
    )
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
    over = [name for name, m in rows.items() if m["target_s"] and m["warm_s"] > m["target_s"]]
    big = [name for name, m in rows.items() if m["peak_mb"] > 1024]
    if over or big:
        console.print(f"[yellow]Above target: {', '.join(over + big)}[/] (load {os.getloadavg()[0]:.1f})")
    return 1 if over or big else 0


if __name__ == "__main__":
    sys.exit(main())
