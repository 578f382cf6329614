"""The shipped mappings on 1,500 real stations of Jakarta, written in the shape that each mapping is for.

Real rows hold what invented ones do not: figures that were never published, stations that do not add up, snapshots
that repeat. Of each shape: rows read, kept, superseded, quarantined.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipelines import catalog
from pipelines.quality import validate
from pipelines.sources import table
from pipelines.sources.mapping import fitting
from tests.support.forms_cases import ELECTIONS, REFERENCES, problems, typed, validated

ROOT = Path(__file__).resolve().parents[3]
N = 1_500
PAIRS = ("paslon1", "paslon2", "paslon3")


@pytest.fixture(scope="module")
def stations(shared_data: Path) -> pd.DataFrame:
    path = shared_data / "sirekap-2024" / "31-dki-jakarta.csv.gz"
    return pd.read_csv(path, dtype=str, keep_default_na=False, nrows=N)


def export(rows: pd.DataFrame) -> pd.DataFrame:
    names = {
        "kode_tps": "kode",
        "prov": "provinsi_nama",
        "kab": "kabupaten_kota_nama",
        "kec": "kecamatan_nama",
    }
    names |= {"kel": "kelurahan_desa_nama", **{f"paslon{n}": f"suara_paslon_{n}" for n in (1, 2, 3)}}
    return rows.drop(columns=["kode_prov", "kode_kab", "kode_kec", "kode_kel", "no_tps"]).rename(
        columns=names
    )


def anomalies(rows: pd.DataFrame) -> pd.DataFrame:
    made = rows[[*PAIRS, "suara_sah", "suara_tidak_sah", "suara_total"]].copy()
    places = "/".join(("{0}", "{1}", "{2}", "{3}", "{4}"))
    made["link"] = [
        "https://example.org/hitung-suara/" + places.format(c[:2], c[:4], c[:6], c[:10], c)
        for c in rows["kode_tps"]
    ]
    return made


def crowd(rows: pd.DataFrame) -> pd.DataFrame:
    made = rows[["kode_tps", *PAIRS]].set_axis(["idLokasi", "pas1", "pas2", "pas3"], axis=1)
    # As KawalPemilu writes them: the number of the station without leading zeros.
    made["idLokasi"] = [code[:10] + str(int(code[10:])) for code in made["idLokasi"]]
    return made.assign(
        totalTps="1", totalPendingTps="0", totalErrorTps="0", totalCompletedTps="1", updateTs="1709251200000"
    )


def _sums(rows: pd.DataFrame, key: str, columns: list[str]) -> pd.DataFrame:
    figures = rows[columns].apply(pd.to_numeric).fillna(0).astype(int)
    return figures.groupby(rows[key]).sum().reset_index()


def villages(rows: pd.DataFrame) -> pd.DataFrame:
    sums = _sums(rows, "kode_kel", list(PAIRS))
    total = sums[list(PAIRS)].sum(axis=1)
    made = pd.DataFrame({"kode_kel": [f"{c[:2]}.{c[2:4]}.{c[4:6]}.{c[6:]}" for c in sums["kode_kel"]]})
    for n, pair in enumerate(PAIRS, 1):
        made[f"suara{n}"] = [f"{v:,}".replace(",", ".") for v in sums[pair]]
        made[f"persen{n}"] = [f"{v:.2f}".replace(".", ",") for v in 100 * sums[pair] / total.clip(lower=1)]
    return made


def dpt(rows: pd.DataFrame) -> pd.DataFrame:
    sums = _sums(rows, "kode_kel", ["pemilih_dpt_l", "pemilih_dpt_p"])
    sums = sums.rename(columns={"pemilih_dpt_l": "laki_laki", "pemilih_dpt_p": "perempuan"})
    named = rows.groupby("kode_kel")["kel"].first()
    counted = rows.groupby("kode_kel").size()
    return sums.assign(kelurahan=sums["kode_kel"].map(named), jml_tps=sums["kode_kel"].map(counted))


def provinces(rows: pd.DataFrame) -> pd.DataFrame:
    """Two snapshots of one province: the earlier one is superseded."""
    sums = _sums(rows, "kode_prov", list(PAIRS)).rename(
        columns=lambda c: c.replace("paslon", "suara_paslon_")
    )
    later = sums.rename(columns={"kode_prov": "kode"}).assign(
        provinsi_nama="DKI JAKARTA", persen_suara_masuk="80.5", ts="2024-03-01 10:00:00"
    )
    earlier = later.assign(ts="2024-02-20 10:00:00", persen_suara_masuk="60.0", suara_paslon_1="1")
    return pd.concat([earlier, later])


def kept_and_lost(folder: Path) -> tuple[int, int, int, int]:
    """(rows read, kept, superseded, quarantined) of the tables that are no forms."""
    references = {"ref.elections": ELECTIONS}
    counts = [0, 0, 0, 0]
    for one in table.read(folder):
        done = validate(catalog.table(one.table), one.frame, references)
        lost = done.problems[done.problems["disposition"] == "quarantined"].drop_duplicates("source_row")
        older = one.problems[one.problems["rule"] == "superseded"]
        for at, n in enumerate((one.n_read, len(done.typed), len(older), len(lost))):
            counts[at] += n
    return tuple(counts)  # type: ignore[return-value]


def add(tmp_path: Path, made: pd.DataFrame, name: str) -> Path:
    folder = tmp_path / "table"
    folder.mkdir()
    made.to_csv(folder / "a.csv", index=False)
    found = fitting(made.columns)
    assert found is not None and found.name == f"{name}.yaml"
    return folder


@pytest.mark.realdata
@pytest.mark.parametrize(("name", "shape"), [("sirekap-export", export), ("anomaly-list", anomalies)])
def test_real_stations_in_the_shapes_of_exporters(
    stations: pd.DataFrame, tmp_path: Path, name: str, shape: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    areas = pd.read_csv(ROOT / "data" / "raw" / "register" / "areas.csv", dtype=str)
    monkeypatch.setitem(REFERENCES, "ref.areas", areas[["area_code", "level", "name", "parent_code"]])
    folder = add(tmp_path, shape(stations), name)
    ((text, unreadable),) = table.read_forms(folder, tmp_path)
    found = validated([text], tmp_path)
    lost = problems(found)
    lost = lost[lost["disposition"] == "quarantined"]
    forms = typed(tmp_path)
    assert unreadable.empty and lost.empty and sum(text.n_read.values()) == len(forms) == N
    assert set(forms["tps_id"]) == set(stations["kode_tps"])
    wanted = pd.to_numeric(stations.set_index("kode_tps")["suara_sah"], errors="coerce").dropna().astype(int)
    assert forms.set_index("tps_id")["votes_valid"].dropna().astype(int).to_dict() == wanted.to_dict()


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "shape", "per_row"),
    [("kawalpemilu", crowd, 3), ("village-percent", villages, 3), ("dpt-2024", dpt, 1)],
)
def test_real_rows_of_the_other_shapes_are_all_kept(
    stations: pd.DataFrame, tmp_path: Path, name: str, shape: Any, per_row: int
) -> None:
    made = shape(stations)
    n = len(made) * per_row
    assert kept_and_lost(add(tmp_path, made, name)) == (n, n, 0, 0)


@pytest.mark.realdata
def test_the_older_of_two_snapshots_of_a_province_is_superseded(
    stations: pd.DataFrame, tmp_path: Path
) -> None:
    folder = add(tmp_path, provinces(stations), "sirekap-areas")
    assert kept_and_lost(folder) == (3, 3, 1, 0)
    (areas,) = table.read(folder)
    assert areas.frame["published_at"].tolist() == ["2024-03-01 10:00:00"] * 3
