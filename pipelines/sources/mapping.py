"""Convert a table of any shape to our rows: a mapping declares columns, codes, number format, election and
contest.

```yaml grain: station            # station, village, district, regency or province gives: forms
# forms (core.tps, core.result, core.vote), areas (core.area_result), dpt, crowd, recap election: pemilu-2024
contest: ppwp codes: kemendagri         # kemendagri (31.71 or 3171), kpu (Sirekap's), bps or names (areas are
found by name) numbers: plain            # plain (1234), indonesian (1.234,5), english (1,234.5) columns:
{code: kode, votes_valid: suara_sah, published_at: ts} choices: {"100025": suara_paslon_1} ```
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from ..catalog import table
from ..catalog.forms import form_columns
from ..catalog.messages import Message
from ..catalog.vocabulary import AREA_LEVELS, COMPARED_LEVELS, SOURCE_LANGUAGE
from .errors import SourceError, refuse

SUFFIX = ".map.yaml"
SHIPPED = Path(__file__).parent / "mappings"
GRAINS: Mapping[str, int] = {"province": 2, "regency": 4, "district": 6, "village": 10, "station": 13}
GIVES = ("forms", "areas", "dpt", "crowd", "recap")
CODES, NUMBERS = ("kemendagri", "kpu", "bps", "names"), ("plain", "indonesian", "english")
_SOURCE_OF_CODE = ("code", "link")
_KEYS = {
    "about",
    "grain",
    "gives",
    "election",
    "contest",
    "codes",
    "numbers",
    "columns",
    "choices",
    "match",
    "taken_at",
}
_MOST = 20_000
# Common names for the columns, besides our own and Sirekap's.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "code": (
        "kode",
        "kode_tps",
        "kode_wilayah",
        "kode_kel",
        "kode_kec",
        "kode_kab",
        "id_tps",
        "idlokasi",
        "kdepum",
    ),
    "link": ("link", "url", "tautan", "url_page"),
    "tps": ("no_tps", "tps", "nomor tps"),
    "province": ("prov", "provinsi", "nama provinsi", "provinsi_nama"),
    "regency": ("kab", "kabupaten", "kabupaten/kota", "kabko", "kab/kota", "kabupaten_kota_nama", "kota"),
    "district": ("kec", "kecamatan", "kecamatan_nama"),
    "village": ("kel", "kelurahan", "desa", "kelurahan/desa", "desa/kelurahan", "kelurahan_desa_nama"),
    "votes_valid": ("suara_sah", "suara sah", "sah"),
    "votes_invalid": ("suara_tidak_sah", "suara tidak sah", "tidak sah", "tsah"),
    "votes_total": ("suara_total", "total suara", "jumlah suara", "jum"),
    "published_at": ("ts", "waktu", "timestamp"),
    "progress_percent": ("persen_suara_masuk", "progres", "persen"),
    "n_tps": ("jumlah tps", "jml_tps", "jml tps", "n_tps"),
    "dpt_male": ("dpt_l", "laki-laki", "l", "lk", "laki laki"),
    "dpt_female": ("dpt_p", "perempuan", "p", "pr"),
    "name": ("nama", "nama wilayah", "wilayah"),
}


@dataclass(frozen=True)
class TableMapping:
    """A mapping as declared; `name` is the file that holds it."""

    name: str
    grain: str
    gives: str
    election: str
    contest: str
    codes: str
    numbers: str
    columns: Mapping[str, str]
    choices: Mapping[str, str]
    match: tuple[str, ...] = ()
    taken_at: str = ""

    @property
    def by_name(self) -> bool:
        """Whether areas are matched by name."""
        return self.codes in ("bps", "names")

    def needed(self) -> tuple[str, ...]:
        """Columns that the file must have."""
        if self.match:
            return self.match
        keys = AREA_LEVELS[: list(GRAINS).index(self.grain) + 1] if self.by_name else _SOURCE_OF_CODE
        return tuple(self.columns[key] for key in keys if key in self.columns)


def known_columns(gives: str) -> tuple[str, ...]:
    """Return what `columns` may map, for a value of `gives`."""
    names = ("code", "link", "tps", *AREA_LEVELS)
    if gives == "forms":
        return (*names, *(c for c in form_columns() if c not in names))
    if gives == "areas":
        return (*names, "published_at", "progress_percent")
    if gives == "recap":
        return (*names, "published_at")
    if gives == "dpt":
        return (*names, "name", "n_tps", "dpt_male", "dpt_female")
    return (*names, "published_at", "n_pending", "n_error", "n_complete")


def read_mapping(path: Path) -> TableMapping:
    """Read one mapping.

    Raises:
        SourceError: it is not valid YAML, or declares something unknown.
    """
    try:
        text = path.read_text(encoding="utf-8")
        if len(text) > _MOST or "&" in re.sub(r"(['\"]).*?\1", "", text):
            raise ValueError("too long, or with anchors")
        raw = _loaded(text)
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise _wrong(path, "YAML", " ".join(str(error).split())[:200]) from None
    return checked(raw, path)


@lru_cache(maxsize=64)  # a mapping is read for every look at its table
def _loaded(text: str) -> Any:
    return yaml.safe_load(text)


def _wrong(path: Path, key: str, why: str) -> SourceError:
    return refuse(path.name, Message("sources.wrong_mapping", key=key, why=why))


def checked(raw: Any, path: Path) -> TableMapping:
    """Return the mapping that a parsed YAML document declares.

    Raises:
        SourceError: it declares something unknown.
    """
    if not isinstance(raw, dict):
        raise _wrong(path, "-", "no keys and values")
    for key in raw:
        if key not in _KEYS:
            raise _wrong(path, str(key), f"known: {', '.join(sorted(_KEYS))}")
    allowed = {
        "grain": tuple(GRAINS),
        "gives": GIVES,
        "codes": CODES,
        "numbers": NUMBERS,
        "contest": tuple(table("core.result").field("contest").constraints["enum"]),
    }
    said = {
        key: str(raw.get(key, {"codes": "kemendagri", "numbers": "plain"}.get(key, ""))) for key in allowed
    }
    for key, values in allowed.items():
        if said[key] not in values and not (key == "contest" and said["gives"] == "dpt"):
            raise _wrong(path, key, f"{said[key]!r}; known: {', '.join(values)}")
    if not re.fullmatch(r"(pemilu|pilpres|pilkada)-[0-9]{4}(-[a-z]+)?", str(raw.get("election", ""))):
        raise _wrong(path, "election", "like pemilu-2024 or pilkada-2024")
    texts = {}
    for key in ("columns", "choices"):
        value = raw.get(key) or {}
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise _wrong(path, key, "a name of ours and the column of the file, each as text")
        texts[key] = {str(k): v for k, v in value.items()}
    _check_grain(said["gives"], said["grain"], path)
    for name in texts["columns"]:
        if name not in known_columns(said["gives"]):
            near = get_close_matches(name, known_columns(said["gives"]), 3, 0.5)
            raise _wrong(
                path, f"columns.{name}", f"known are, for example: {', '.join(near or ['code', 'tps'])}"
            )
    match = raw.get("match") or ()
    if not isinstance(match, list | tuple) or not all(isinstance(m, str) for m in match):
        raise _wrong(path, "match", "a list of columns")
    found = TableMapping(
        name=path.name,
        grain=said["grain"],
        gives=said["gives"],
        election=str(raw["election"]),
        contest=said["contest"],
        codes=said["codes"],
        numbers=said["numbers"],
        columns=texts["columns"],
        choices=texts["choices"],
        match=tuple(match),
        taken_at=str(raw.get("taken_at") or ""),
    )
    _check_areas(found, path)
    return found


def _check_grain(gives: str, grain: str, path: Path) -> None:
    if gives in ("forms", "crowd") and grain != "station":
        raise _wrong(path, "grain", f"{gives} are given by stations")
    if gives == "recap" and grain not in COMPARED_LEVELS:
        raise _wrong(path, "grain", "recap is given by districts, regencies or provinces")
    if gives == "areas" and grain == "station":
        raise _wrong(path, "grain", "stations give forms")


def _check_areas(found: TableMapping, path: Path) -> None:
    columns = found.columns
    if found.by_name:
        if found.gives == "recap":
            missing = [
                level for level in AREA_LEVELS[: list(GRAINS).index(found.grain) + 1] if level not in columns
            ]
            if missing:
                raise _wrong(path, "columns", f"names need {', '.join(missing)}")
            _check_choices(found, path)
            return
        if found.gives != "forms":
            raise _wrong(
                path,
                "codes",
                "areas are found by name for stations only; give a column with Kemendagri codes",
            )
        missing = [name for name in AREA_LEVELS if name not in columns]
        if missing or "tps" not in columns:
            raise _wrong(
                path,
                "columns",
                f"names need province, regency, district, village and tps; missing: {missing}",
            )
    elif not any(key in columns for key in _SOURCE_OF_CODE):
        raise _wrong(path, "columns", "`code`, or `link` with a code in it")
    _check_choices(found, path)


def _check_choices(found: TableMapping, path: Path) -> None:
    if found.gives in ("areas", "crowd", "recap") and not found.choices:
        raise _wrong(path, "choices", "at least one choice and its column")


@cache
def shipped() -> tuple[TableMapping, ...]:
    """Return the mappings shipped with the program, those that need more columns first."""
    return tuple(
        sorted((read_mapping(p) for p in SHIPPED.glob("*.yaml")), key=lambda m: (-len(m.needed()), m.name))
    )


def fitting(header: Iterable[str]) -> TableMapping | None:
    """Return the shipped mapping whose columns the header contains."""
    there = set(header)
    return next((m for m in shipped() if m.needed() and there.issuperset(m.needed())), None)


def number(text: str, how: str) -> str:
    """Return a figure in our notation; any other form stays as it is, for the checks to report."""
    value = text.strip()
    if how == "indonesian" and re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{3})*(,[0-9]+)?|-?[0-9]+(,[0-9]+)?", value):
        value = value.replace(".", "").replace(",", ".")
    elif how == "english" and re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})*(\.[0-9]+)?|-?[0-9]+(\.[0-9]+)?", value):
        value = value.replace(",", "")
    return value[:-2] if re.fullmatch(r"-?[0-9]+\.0", value) else value


def code(cells: Mapping[str, str], mapping: TableMapping) -> str:
    """Return a row's code without dots, with the station number appended if that is a separate column."""
    digits = GRAINS[mapping.grain]
    if "code" in mapping.columns:
        value = re.sub(r"\.0\Z", "", cells.get(mapping.columns["code"], "").strip()) if digits > 4 else cells.get(
            mapping.columns["code"], ""
        ).strip()  # fmt: skip
        found = value.replace(".", "")
    else:
        runs = re.findall(r"[0-9]{10,13}", cells.get(mapping.columns["link"], ""))
        found = next((run for run in reversed(runs) if len(run) == digits), "")
    if mapping.grain == "station" and 10 < len(found) < 13 and found.isdigit():
        return found[:10] + found[10:].zfill(3)  # as KawalPemilu writes station codes
    if mapping.grain == "station" and len(found) == 10 and "tps" in mapping.columns:
        return found + tps(cells.get(mapping.columns["tps"], ""))
    return found


def tps(text: str) -> str:
    """Return a station number as three digits; anything that is not a number stays as it is."""
    found = re.fullmatch(r"(?:TPS)?[ .-]*([0-9]{1,3})(?:\.0)?", text.strip(), re.IGNORECASE)
    return found.group(1).zfill(3) if found else text.strip()


def draft(header: Iterable[str], rows: Iterable[Mapping[str, str]] = ()) -> str:
    """Return a mapping to complete by hand, drafted from the column names; guesses are marked."""
    names, sample = list(header), list(rows)
    low = {re.sub(r"[_\s]+", " ", name.lower()).strip(): name for name in names}
    columns: dict[str, str] = {}
    for ours, others in SYNONYMS.items():
        for other in (ours, *others):
            there = low.get(re.sub(r"[_\s]+", " ", other.lower()))
            if there and there not in columns.values():
                columns[ours] = there
                break
    choices = {
        f"{100024 + int(found.group(1))}": name
        for name in names
        if (found := re.fullmatch(r"(?:suara[ _])?(?:paslon|pas|calon|01|02|03)[ _]*0?([1-9])", name.lower()))
    }
    codes = [row.get(columns.get("code", ""), "").replace(".", "") for row in sample]
    length = max(map(len, codes), default=0)
    by_length = next((g for g, n in GRAINS.items() if n == length), "village")
    grain = "station" if "tps" in columns else by_length
    gives = "dpt" if "dpt_male" in columns and not choices else "forms" if grain == "station" else "areas"
    raw = {
        "grain": grain,
        "gives": gives,
        "election": "pemilu-2024",
        "contest": "ppwp",
        "codes": "kemendagri" if "code" in columns or "link" in columns else "names",
        "numbers": "plain",
        "columns": {k: v for k, v in columns.items() if k in known_columns(gives)},
        "choices": choices,
    }
    unused = [n for n in names if n not in columns.values() and n not in choices.values()]
    head = Message("sources.draft_head", unused=", ".join(unused[:40]) or "-")[SOURCE_LANGUAGE]
    return "".join(f"# {line}\n" for line in head.split("\n")) + yaml.safe_dump(
        raw, sort_keys=False, allow_unicode=True
    )
