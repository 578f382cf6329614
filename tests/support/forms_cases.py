"""Small result forms for tests: a register of areas, files as the sources publish them, and a run over them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from pipelines.catalog.forms import FormText
from pipelines.forms.check import FormsValidated, Resolve, scratch, validate_forms

AREAS = pd.DataFrame(
    [("31", "province", "DKI Jakarta", None), ("3171", "regency", "Kota Administrasi Jakarta Pusat", "31"),
     ("317101", "district", "Gambir", "3171"), ("3171011001", "village", "Gambir", "317101"),
     ("3171011002", "village", "Kebon Kelapa", "317101"), ("96", "province", "Papua Barat Daya", None),
     ("9671", "regency", "Kota Sorong", "96"), ("967101", "district", "Sorong", "9671")],
    columns=["area_code", "level", "name", "parent_code"],
    dtype="str",
)  # fmt: skip
ELECTIONS = pd.DataFrame({"election_id": ["pemilu-2019", "pemilu-2024", "pilkada-2024"]}, dtype="str")
REFERENCES = {"ref.areas": AREAS, "ref.elections": ELECTIONS}

SIREKAP = {
    "kode_tps": "3171011001001", "kode_prov": "31", "prov": "dki-jakarta", "kode_kab": "3171", "kab": "jakarta-pusat",
    "kode_kec": "317101", "kec": "gambir", "kode_kel": "3171011001", "kel": "gambir", "no_tps": "001",
    "paslon1": "80", "paslon2": "90", "paslon3": "25", "n_img": "3", "upload_first": "20240214-201500",
    "upload_last": "20240215-090000", "ts": "2024-02-16 10:00:00", "pemilih_dpt_j": "250", "pemilih_dpt_l": "120",
    "pemilih_dpt_p": "130", "pengguna_dpt_j": "190", "pengguna_dpt_l": "90", "pengguna_dpt_p": "100",
    "pengguna_dptb_j": "6", "pengguna_dptb_l": "3", "pengguna_dptb_p": "3", "pengguna_non_dpt_j": "4",
    "pengguna_non_dpt_l": "2", "pengguna_non_dpt_p": "2", "pengguna_total_j": "200", "pengguna_total_l": "95",
    "pengguna_total_p": "105", "suara_sah": "195", "suara_tidak_sah": "5", "suara_total": "200",
}  # fmt: skip


def station(number: int, **changes: str) -> dict[str, str]:
    """A row of the Sirekap table, right in every rule but for `changes`."""
    village = changes.get("kode_kel", SIREKAP["kode_kel"])
    return {**SIREKAP, "no_tps": f"{number:03d}", "kode_tps": f"{village}{number:03d}", **changes}


def csv_text(rows: Sequence[Mapping[str, str]]) -> str:
    """The rows as CSV with a header."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def write_gz(path: Path, text: str) -> Path:
    """A gzip file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    return path


def write_zip(path: Path, members: Mapping[str, Any]) -> Path:
    """A zip whose members are text, bytes, or JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content if isinstance(content, str | bytes) else json.dumps(content))
    return path


def answer(**changes: Any) -> dict[str, Any]:
    """An answer of Sirekap for one station, right in every rule but for `changes`."""
    figures = {k: int(v) for k, v in SIREKAP.items() if k.startswith(("pemilih", "pengguna", "suara"))}
    image = "https://x/ab/pemilu/ppwp/31/71/01/10/01/3171011001001-20240214-{}--f0.jpg"
    return {
        "mode": "hhcw", "chart": {"null": None, "100025": 80, "100026": 90, "100027": 25},
        "images": [image.format("201500"), None, image.format("231500")], "administrasi": figures, "psu": "Reguler",
        "ts": "2024-02-16 10:00:00", "status_suara": True, "status_adm": True, **changes,
    }  # fmt: skip


def path_of(code: str, contest: str = "ppwp") -> str:
    """Path of the answer of a station."""
    return f"pemilu/hhcw/{contest}/{code[:2]}/{code[:4]}/{code[:6]}/{code[:10]}/{code}.json"


def validated(texts: Sequence[FormText], out: Path, resolve: Resolve | None = None) -> list[FormsValidated]:
    """The forms of every text, checked; `typed` shows those that were kept."""
    found = []
    for number, text in enumerate(texts):
        with scratch(out / "tmp", threads=1) as con:  # a second one only gets in the way of a few forms
            found.append(validate_forms(con, text, REFERENCES, resolve))
            con.execute(f"copy good_form to '{out / f'typed-{number}.parquet'}' (format parquet)")
    return found


def problems(found: Sequence[FormsValidated]) -> pd.DataFrame:
    """All problems of validated texts."""
    parts = [p for f in found for p in f.problems if len(p)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["rule", "disposition"])


def typed(out: Path, folder: str = "forms") -> pd.DataFrame:
    """Every form that was kept, or (`votes`) every choice of them."""
    paths = sorted(out.glob("typed-*.parquet"))
    forms = pd.concat([pd.read_parquet(p) for p in paths], ignore_index=True)
    if folder == "forms":
        return forms
    chosen = forms[forms["votes"].notna()].explode("votes", ignore_index=True)
    return pd.concat([chosen.drop(columns="votes"), pd.json_normalize(chosen["votes"].tolist())], axis=1)
