"""`titikrawan simulate`: a simulated country as CSV files; every row, the folder and its sidecar are marked so."""

from __future__ import annotations

from pathlib import Path

from pipelines.catalog.messages import USAGE, Message, UserError, speak_in
from pipelines.cli.answers import answers, tell

SIDECAR = {
    "name": "simulated-country",
    "title": "SIMULASI, bukan data pemilu / SIMULATED, no election data",
    "licenses": [{"name": "CC0-1.0", "path": "https://creativecommons.org/publicdomain/zero/1.0/"}],
    "is_simulated": True,
}


class OutsideError(UserError):
    """The requested folder lies outside the project, or holds other files."""

    exit_code = USAGE


@answers
def simulate(
    root: Path, lang: str, folder: Path, seed: int, persistent: int, clusters: int, ratio: float
) -> int:
    """Write a simulated country."""
    say = speak_in(lang)
    for path in write_country(root, folder, seed, persistent, clusters, ratio):
        tell(say("cli.written", path=path.relative_to(root.resolve())))
    return 0


def write_country(
    root: Path, folder: Path, seed: int, persistent: int, clusters: int, ratio: float
) -> list[Path]:
    """Simulate a country calibrated to the clustering observed in 2024 and write its frames.

    Args:
        root: project folder; folder: where to write, inside it and empty (or a simulation already).
        seed: random seed; persistent: number of kab prone in every election; clusters: number per election;
            ratio: rate multiplier there.
    Raises:
        OutsideError: a folder outside the project, or one that holds other files.
    """
    import json

    from pipelines.simulation.country import Hotspots, simulate_country

    target = (root / folder).resolve()
    holds = {p.name for p in target.iterdir()} if target.is_dir() else set()
    if not target.is_relative_to(root.resolve()) or (holds and "SIMULATED" not in holds):
        raise OutsideError(Message("cli.outside", folder=folder))
    country = simulate_country(
        hotspots=Hotspots(persistent_kab=persistent, clusters=clusters, rate_ratio=ratio), seed=seed
    )
    target.mkdir(parents=True, exist_ok=True)
    (target / "SIMULATED").write_text(f"{SIDECAR['title']}\nseed {seed}\n", encoding="utf-8")
    written = []
    for name, frame in country.frames().items():
        path = target / f"simulated_{name}.csv"
        frame.to_csv(path, index=False, lineterminator="\n")
        written.append(path)
    resources = [{"name": p.stem.replace("_", "-"), "path": p.name, "is_simulated": True} for p in written]
    package = {**SIDECAR, "seed": seed, "resources": resources}
    sidecar = target / "datapackage.json"
    sidecar.write_text(
        json.dumps(package, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )
    return [*written, sidecar]
