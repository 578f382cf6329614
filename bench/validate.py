"""Run the simulation study, resumable, and write its table and figure.

    python -m bench.validate [--quick] [--out reports/validation] [--seed N] [--fresh]

Exit code 0 when every gate and row holds, 1 when one fails. Batches already in <out>/batches.jsonl are not run
again, as long as seed, mode and the code of the statistics are the same. Rows (families of areas that are partly
located) run in worker processes, gates (scans, which use all cores themselves) after them.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import math
import multiprocessing
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, fields
from pathlib import Path

import matplotlib as mpl
import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.progress import TimeRemainingColumn as Remaining
from rich.table import Table

from pipelines.simulation import elections_study, family_study
from pipelines.simulation.elections_study import ElectionsRow
from pipelines.simulation.family_plan import ELECTION_ROWS, ROWS
from pipelines.simulation.family_study import Row, RowResult
from pipelines.simulation.study import SEED, BatchKey, GateResult, judge_all, rising, run_study
from pipelines.simulation.study_plan import GATES

mpl.use("Agg")
import matplotlib.pyplot as plt

console = Console()
OUT = Path("reports/validation")


def code_digest() -> str:
    """Return a digest of the loaded statistics code, so that a change of method restarts the study."""
    digest = hashlib.sha256()
    for name in sorted(
        name for name in sys.modules if name.startswith(("pipelines.stats.", "pipelines.simulation."))
    ):
        digest.update(name.encode() + Path(str(sys.modules[name].__file__)).read_bytes())
    return digest.hexdigest()[:16]


def read_batches(path: Path, stamp: dict[str, object]) -> dict[BatchKey, np.ndarray]:
    """Return the batches of an interrupted run; a truncated last line is dropped."""
    done: dict[BatchKey, np.ndarray] = {}
    if not path.exists():
        return done
    lines = path.read_text().split("\n")
    if json.loads(lines[0] or "{}") != stamp:
        return done
    for line in lines[1:-1]:
        row = json.loads(line)
        done[row["gate"], row["batch"]] = np.array(row["values"], dtype=float)
    return done


def simulate(path: Path, quick: bool, seed: int) -> dict[BatchKey, np.ndarray]:
    """Run the missing batches, writing each one as it finishes."""
    stamp: dict[str, object] = {"seed": seed, "quick": quick, "code": code_digest()}
    done = read_batches(path, stamp)
    gates = [gate for gate in GATES if gate.batches(quick=quick)]
    rows = [row for row in (*ROWS, *ELECTION_ROWS) if row.batches(quick=quick)]
    total = sum(sum(question.batches(quick=quick)) for question in (*rows, *gates))
    shown = [
        TextColumn("{task.description:36.36}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        Remaining(),
    ]
    with path.open("w") as file, Progress(*shown, console=console) as progress:
        file.write(json.dumps(stamp) + "\n")
        for (name, batch), values in done.items():
            file.write(json.dumps({"gate": name, "batch": batch, "values": values.tolist()}) + "\n")
        file.flush()
        bar = progress.add_task("data sets", total=total, completed=sum(len(v) for v in done.values()))

        def keep(key: BatchKey, values: np.ndarray) -> None:
            done[key] = values
            file.write(json.dumps({"gate": key[0], "batch": key[1], "values": values.tolist()}) + "\n")
            file.flush()
            progress.update(bar, advance=len(values), description=key[0])

        if rows:
            with workers() as pool:
                for key, values in run_study(rows, seed=seed, quick=quick, done=set(done), pool=pool):
                    keep(key, values)
        for key, values in run_study(gates, seed=seed, quick=quick, done=set(done)):
            keep(key, values)
    return done


def workers() -> ProcessPoolExecutor:
    """Start one process per core, each with a single thread, so that they do not compete for cores."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    return ProcessPoolExecutor(os.cpu_count() or 1, mp_context=multiprocessing.get_context("spawn"))


def judge_rows(values: dict[BatchKey, np.ndarray], *, quick: bool) -> list[RowResult]:
    """Judge every row whose batches are all done, in row order."""
    found = []
    for row in (*ROWS, *ELECTION_ROWS):
        keys = [(row.name, batch) for batch in range(len(row.batches(quick=quick)))]
        if keys and all(key in values for key in keys):
            found.append(judge_row(row, [values[key] for key in keys]))
    return found


def judge_row(row: Row | ElectionsRow, values: list[np.ndarray]) -> RowResult:
    """The verdict of one row."""
    if isinstance(row, ElectionsRow):
        return elections_study.judge_elections(row, values)
    return family_study.judge_row(row, values)


def write_rows(path: Path, results: Sequence[RowResult]) -> None:
    """Write one line per row: the range of every measure over the settings, to four digits."""
    names = [*family_study.MEASURES, *(m for m in elections_study.MEASURES if m not in family_study.MEASURES)]
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        ends = [f"{name}_{end}" for name in names for end in ("low", "high")]
        writer.writerow(["row", "settings", "families", "worst", "must_fail", "passed", *ends])
        for r in results:
            pairs = [r.ranges.get(name, (math.nan, math.nan)) for name in names]
            numbers = ["" if math.isnan(v) else f"{v:.4g}" for pair in pairs for v in pair]
            writer.writerow(
                [r.name, r.settings, r.families, f"{r.worst:.4g}", r.must_fail, r.passed, *numbers]
            )


def draw_rows(path: Path, results: Sequence[RowResult]) -> None:
    """Draw the coverage range of 95 % intervals over the settings of each
    row, for the current and previous method."""
    rows = [r for r in results if not math.isnan(r.ranges.get("coverage", (math.nan,))[0])]
    if not rows:
        return
    figure, axis = plt.subplots(figsize=(9, 1.2 + 0.28 * len(rows)), layout="constrained")
    for at, r in enumerate(reversed(rows)):
        for name, colour, lift in (("coverage", "#1f4e79", 0.15), ("old_coverage", "#b8860b", -0.15)):
            axis.plot(r.ranges[name], [at + lift] * 2, color=colour, linewidth=4, solid_capstyle="round")
    axis.axvline(0.95, color="#999999", linewidth=0.8, linestyle="--")
    axis.set_yticks(
        range(len(rows)), [r.name + (" (must fail)" if r.must_fail else "") for r in reversed(rows)]
    )
    axis.set_xlabel(
        "coverage of 95 % intervals, range over the settings; blue: bounds, yellow: counts as exact"
    )
    axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=130, metadata={"Software": None})
    plt.close(figure)


def show_rows(results: Sequence[RowResult]) -> None:
    """Print the rows with their main results."""
    table = Table(title="Families of which a part is located: range over the settings")
    columns = ("coverage", "coverage_silent", "false_supported", "found_8", "false_watch", "old_coverage")
    for name in ("row", "families", *columns, ""):
        table.add_column(name, justify="left" if name == "row" else "right")
    instead = {
        "coverage": "coverage_propensity",
        "false_supported": "false_confirmed",
        "found_8": "found_8_twice",
    }
    for r in results:
        cells = []
        for name in columns:
            low, high = r.ranges.get(name, r.ranges.get(instead.get(name, ""), (math.nan, math.nan)))
            cells.append("" if math.isnan(low) else f"{low:.2f}-{high:.2f}")
        word = "fails as stated" if r.must_fail else "holds"
        table.add_row(r.name, str(r.families), *cells, f"[green]{word}[/]" if r.passed else "[red]NO[/]")
    console.print(table)


def curves(results: list[GateResult]) -> dict[str, list[GateResult]]:
    """Return the power results by curve."""
    found: dict[str, list[GateResult]] = {}
    for result in results:
        if result.x is not None:
            found.setdefault(result.gate.rsplit(" x", 1)[0], []).append(result)
    return found


def write_table(path: Path, results: list[GateResult]) -> None:
    """Write one row per gate, floats to six digits."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([field.name for field in fields(GateResult)])
        for result in results:
            row = asdict(result).values()
            writer.writerow([f"{v:.6g}" if isinstance(v, float) else "" if v is None else v for v in row])


def draw(path: Path, results: list[GateResult]) -> None:
    """Left: each gate's quantity with two standard errors inside its accepted range. Right: power curves."""
    gates = [r for r in results if r.x is None]
    power = curves(results)
    figure, axes = plt.subplots(1, 2, figsize=(13, 5.2), width_ratios=[1.5, 1], layout="constrained")
    left, right = axes
    for at, r in enumerate(reversed(gates)):
        colour = "#2b6a4d" if r.passed else "#b3261e"
        left.plot([r.low, min(r.high, 1.15)], [at, at], color="#d7dedb", linewidth=11, solid_capstyle="butt")
        left.errorbar(r.value, at, xerr=2 * r.standard_error, fmt="o", color=colour, capsize=3, markersize=5)
    left.set_yticks(range(len(gates)), [r.gate for r in reversed(gates)])
    left.set_xlim(-0.03, 1.2)
    left.set_xlabel("quantity, with two standard errors; grey: accepted range")
    for (name, curve), colour in zip(power.items(), ("#1f4e79", "#b8860b", "#6a3d7c"), strict=False):
        right.errorbar(
            [r.x for r in curve],
            [r.value for r in curve],
            yerr=[2 * r.standard_error for r in curve],
            marker="o",
            markersize=4,
            capsize=2,
            color=colour,
            label=name.removeprefix("power: "),
        )
    if power:
        right.axhline(0.8, color="#999999", linewidth=0.8, linestyle="--")
        right.set_xscale("log", base=2)
        right.set_xticks([r.x for r in next(iter(power.values()))])
        right.xaxis.set_major_formatter(mpl.ticker.ScalarFormatter())
        right.set_xlabel("rate ratio of the injected hotspot")
        right.set_ylabel("power at 0.05")
        right.legend(frameon=False)
    else:
        right.axis("off")
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=130, metadata={"Software": None})
    plt.close(figure)


def show(results: list[GateResult]) -> None:
    """Print the table of verdicts."""
    table = Table(title="Simulation gates")
    for name in ("gate", "value", "± SE", "accepted", "data sets", ""):
        table.add_column(name, justify="left" if name == "gate" else "right")
    for r in results:
        accepted = "" if r.x is not None else f"{r.low:.3g} – {r.high:.3g}"
        verdict = "" if r.x is not None else "[green]holds[/]" if r.passed else "[red]FAILS[/]"
        error = f"{r.standard_error:.4f}"
        table.add_row(r.gate, f"{r.value:.4f}", error, accepted, str(r.data_sets), verdict)
    console.print(table)


def main(argv: list[str] | None = None) -> int:
    """Run, judge, write; see the module docstring."""
    parser = argparse.ArgumentParser(prog="python -m bench.validate", description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few data sets per gate, about half a minute")
    parser.add_argument("--out", type=Path, default=OUT, help=f"folder of the results (default {OUT})")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--fresh", action="store_true", help="forget the batches of an earlier run")
    options = parser.parse_args(argv)
    options.out.mkdir(parents=True, exist_ok=True)
    batches = options.out / "batches.jsonl"
    if options.fresh:
        batches.unlink(missing_ok=True)
    try:
        values = simulate(batches, options.quick, options.seed)
    except KeyboardInterrupt:
        console.print("Stopped. The same command goes on from here.")
        return 130
    results = judge_all(GATES, values, seed=options.seed, quick=options.quick)
    rows = judge_rows(values, quick=options.quick)
    write_table(options.out / "gates.csv", results)
    draw(options.out / "gates.png", results)
    show(results)
    if rows:
        write_rows(options.out / "families.csv", rows)
        draw_rows(options.out / "families.png", rows)
        show_rows(rows)
    falling = [name for name, curve in curves(results).items() if not rising(curve)]
    failed = [r.gate for r in results if not r.passed] + [f"{name}: power falls" for name in falling]
    failed += [r.name for r in rows if not r.passed]
    written = ["gates.csv", "gates.png", *(["families.csv", "families.png"] if rows else []), "batches.jsonl"]
    console.print(f"Written to {options.out}: {', '.join(written)}")
    if failed:
        console.print(f"[red]Gates that fail:[/] {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
