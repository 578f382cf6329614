"""Run the simulation study, resumable, and write its table and figure.

    python -m bench.validate [--quick] [--out reports/validation] [--seed N] [--fresh]

Exit code 0 when every gate holds, 1 when one fails. Batches already in <out>/batches.jsonl are not run
again, as long as seed, mode and the code of the statistics are the same.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import sys
from dataclasses import asdict, fields
from pathlib import Path

import matplotlib as mpl
import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.progress import TimeRemainingColumn as Remaining
from rich.table import Table

from pipelines.simulation.study import SEED, GateResult, judge_all, rising, run_study
from pipelines.simulation.study_plan import GATES

mpl.use("Agg")
import matplotlib.pyplot as plt

console = Console()
OUT = Path("reports/validation")


def code_digest() -> str:
    """Digest of the statistics the study has loaded, so that a change of method starts it afresh."""
    digest = hashlib.sha256()
    for name in sorted(
        name for name in sys.modules if name.startswith(("pipelines.stats.", "pipelines.simulation."))
    ):
        digest.update(name.encode() + Path(str(sys.modules[name].__file__)).read_bytes())
    return digest.hexdigest()[:16]


def read_batches(path: Path, stamp: dict[str, object]) -> dict[tuple[str, int], np.ndarray]:
    """Batches of an interrupted run; a last line cut off by the interruption is dropped."""
    done: dict[tuple[str, int], np.ndarray] = {}
    if not path.exists():
        return done
    lines = path.read_text().split("\n")
    if json.loads(lines[0] or "{}") != stamp:
        return done
    for line in lines[1:-1]:
        row = json.loads(line)
        done[row["gate"], row["batch"]] = np.array(row["values"], dtype=float)
    return done


def simulate(path: Path, quick: bool, seed: int) -> dict[tuple[str, int], np.ndarray]:
    """Run what is missing, writing each batch as it ends."""
    stamp: dict[str, object] = {"seed": seed, "quick": quick, "code": code_digest()}
    done = read_batches(path, stamp)
    gates = [gate for gate in GATES if gate.batches(quick=quick)]
    total = sum(sum(gate.batches(quick=quick)) for gate in gates)
    shown = [
        TextColumn("{task.description:36}"),
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
        for key, values in run_study(gates, seed=seed, quick=quick, done=set(done)):
            done[key] = values
            file.write(json.dumps({"gate": key[0], "batch": key[1], "values": values.tolist()}) + "\n")
            file.flush()
            progress.update(bar, advance=len(values), description=key[0])
    return done


def curves(results: list[GateResult]) -> dict[str, list[GateResult]]:
    """Power results by curve."""
    found: dict[str, list[GateResult]] = {}
    for result in results:
        if result.x is not None:
            found.setdefault(result.gate.rsplit(" x", 1)[0], []).append(result)
    return found


def write_table(path: Path, results: list[GateResult]) -> None:
    """One row per gate, floats to six digits."""
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
    """Run, judge, write; see the module's first lines."""
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
    write_table(options.out / "gates.csv", results)
    draw(options.out / "gates.png", results)
    show(results)
    falling = [name for name, curve in curves(results).items() if not rising(curve)]
    failed = [r.gate for r in results if not r.passed] + [f"{name}: power falls" for name in falling]
    console.print(f"Written to {options.out}: gates.csv, gates.png, batches.jsonl")
    if failed:
        console.print(f"[red]Gates that fail:[/] {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
