"""Small forms, right and wrong, and runs over them up to the Parquet of the release."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.jobs import run as job
from pipelines.sources import seal
from tests.support.builds import copy_inputs
from tests.support.forms_cases import answer, csv_text, path_of, station, write_gz, write_zip

SITUNG = "kel_id,prov,kab,kec,kel,no_tps,pas1,pas2,sah,tSah,jum\n"

# What parts check and audit; tables made of these are made on one machine in any case.
MADE_IN_PARTS = (
    "core.tps",
    "core.result",
    "core.upload",
    "core.vote",
    "core.area_name",
    "mart.form_audit",
)


def until_export(run: job.Run, step: Callable[..., Any] = job.plain, on_event: Any = None) -> list[Any]:
    """The job without reports and publication."""
    assert run.only
    return [step(one)(run) for one in run.steps()]


def inputs(root: Path) -> Path:
    """Forms of two elections from three sources, right and wrong, of which some are there twice."""
    copy_inputs(root)
    raw = root / "data" / "raw"
    rows = [
        station(1),
        station(2, suara_tidak_sah="6"),
        station(3, suara_total="dua"),
        station(4, pemilih_dpt_j="232120"),
    ]
    write_gz(
        raw / "sirekap-2024" / "31.csv.gz",
        csv_text([*rows, *(station(n) for n in range(10, 50))]) + "cut,short\n",
    )
    codes = {
        "kode_prov": "73",
        "kode_kab": "7371",
        "kode_kec": "737101",
        "kode_kel": "7371011001",
        "paslon1": "81",
    }
    write_gz(raw / "sirekap-2024" / "73.csv.gz", csv_text([station(n, **codes) for n in range(1, 60)]))
    # The same form in another file of the source: the first in order is used.
    write_gz(raw / "sirekap-2024" / "99-late.csv.gz", csv_text([station(10), station(60, paslon2="-4")]))
    newer = answer(ts="2024-03-01 00:00:00", chart={"100025": 81, "100026": 90, "100027": 24})
    party = answer(
        chart={"1": {"jml_suara_total": 30, "jml_suara_partai": 10}}, caleg={"1": {"101": 15, "102": 5}}
    )
    members = {path_of("3171011001007"): newer, path_of("3171011001011"): newer, path_of("3171011001011", "pdpr"): party,
               path_of("3171011001012"): "{"}  # fmt: skip
    write_zip(raw / "sirekap-json" / "answers.zip", members)
    lines = [
        f"25826,DKI JAKARTA,JAKARTA PUSAT,GAMBIR,GAMBIR,{n},{90 + n % 7},20,{110 + n % 7},1,{111 + n % 7}"
        for n in range(1, 40)
    ]
    write_gz(raw / "situng-2019" / "situng.csv.gz", SITUNG + "\n".join(lines) + "\n")
    kept = raw / "sirekap_json"
    write_gz(
        kept / "wilayah" / "0.ndjson.gz",
        line("wilayah/0.json", [{"kode": "31", "nama": "DKI"}]) + "not a line\n",
    )
    for village in ("3171011002", "7371011002"):
        paths = [path_of(f"{village}{n:03d}") for n in range(1, 9)]
        write_gz(
            kept / f"hhcw/ppwp/{village[:2]}/{village}.ndjson.gz", "".join(line(p, answer()) for p in paths)
        )
    for source in ("sirekap-2024", "sirekap-json", "sirekap_json", "situng-2019"):
        seal(raw / source)
    return raw


def line(path: str, body: Any) -> str:
    """What `titikrawan acquire` keeps of one answer."""
    return json.dumps({"path": path, "body": json.dumps(body)}) + "\n"


def planned(root: Path, raw: Path | None = None) -> job.Run:
    """A run of the tables that parts make, over the inputs in `root`, or over a copy of others.

    A zip holds the time at which it was made, so that inputs made twice differ.
    """
    if raw is not None:
        shutil.copytree(raw, root / "data" / "raw")
    run = job.plan(root, only=MADE_IN_PARTS)
    assert run is not None
    return run


def parquet(run: job.Run) -> dict[str, bytes]:
    return parquet_in(run.work / "parquet")


def parquet_in(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*.parquet"))}


@dataclass(frozen=True)
class Plain:
    """Inputs, and the Parquet that one process without Prefect makes of them."""

    raw: Path
    parquet: dict[str, bytes]


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    return sorted(n for n in one.keys() | other.keys() if one.get(n) != other.get(n))
