"""Names of areas to today's codes, for sources that use codes of their own."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

import pandas as pd

OVERSEAS = "99"
# Words that say what kind of area it is, which some sources write and others do not.
_KINDS = re.compile(
    r"\b(provinsi|prov|kabupaten|kab|kota|administrasi|adm|kecamatan|kec|kelurahan|kel|desa|distrik)\b"
)
_CITY = re.compile(r"\bkota\b")
_SPELLING = {
    "daerah istimewa yogyakarta": "yogyakarta", "di yogyakarta": "yogyakarta", "d i yogyakarta": "yogyakarta",
    "dki jakarta": "jakarta", "daerah khusus ibukota jakarta": "jakarta", "daerah khusus jakarta": "jakarta",
    "bangka belitung": "kepulauan bangka belitung",
}  # fmt: skip
_OVERSEAS_NAMES = {"luar negeri"}


@dataclass
class _Place:
    """An area with the areas below it, by their names."""

    code: str
    below: dict[str, list[_Place]] = field(default_factory=lambda: defaultdict(list))


@cache
def normal_name(name: str) -> str:
    """A name without case, accents of punctuation, and words for the kind of area.

    Example:
        >>> normal_name("KOTA ADM. JAKARTA PUSAT") == normal_name("Kota Administrasi Jakarta Pusat")
        True
    """
    text = re.sub(r"[^a-z0-9]+", " ", name.lower()).strip()
    bare = re.sub(r" +", " ", _KINDS.sub(" ", text)).strip() or text
    return _SPELLING.get(bare, _SPELLING.get(text, bare))


@cache
def skeleton(name: str) -> str:
    """A normal name without blanks and without the spellings that vary: doubled letters, y/i, dj/j, oe/u, h's end."""
    text = normal_name(name).replace(" ", "")
    for old, new in (
        ("dj", "j"),
        ("tj", "c"),
        ("oe", "u"),
        ("sy", "s"),
        ("kh", "k"),
        ("y", "i"),
        ("v", "p"),
        ("f", "p"),
    ):
        text = text.replace(old, new)
    return re.sub(r"(.)\1+", r"\1", text).rstrip("h")


def _is_city(name: str) -> bool:
    return bool(_CITY.search(name.lower()))


def resolve_names(names: pd.DataFrame, areas: pd.DataFrame, lineage: pd.DataFrame) -> pd.DataFrame:
    """Find today's code for every chain of names.

    A name counts as found when it is the only one of its parent with the same normal name, then the only one known by
    a former name, then the only one with the same skeleton. Of a regency and a city of one name the kind decides.
    Nothing is guessed beyond that.

    Args:
        names: (n rows) province, regency, district, village (text), n_tps (int).
        areas: ref.areas: area_code, level, name, parent_code.
        lineage: ref.area_lineage: former_code, former_name, area_code, change.

    Returns:
        `names` with name_key, area_code (deepest found; '99' overseas; NA none), resolved_level, wanted_level
        (deepest level that `areas` lists below that province) and method (exact, lineage, spelling, overseas, none).
    """
    roots, with_villages = _tree(areas, lineage)
    memory: dict[tuple[str, ...], tuple[_Place | None, str]] = {}
    rows = []
    for record in names.itertuples(index=False):
        chain = tuple("" if pd.isna(v) else str(v) for v in record[:4])
        rows.append(_resolve(chain, roots, with_villages, memory))
    found = pd.DataFrame(
        rows, columns=["area_code", "resolved_level", "wanted_level", "method"], index=names.index
    )
    key = names[["province", "regency", "district", "village"]].fillna("").agg("/".join, axis=1)
    return pd.concat([names, key.rename("name_key"), found], axis=1)


_LEVELS = ("province", "regency", "district", "village")


def _resolve(
    chain: tuple[str, ...],
    roots: _Place,
    with_villages: set[str],
    memory: dict[tuple[str, ...], tuple[_Place | None, str]],
) -> tuple[str | None, str, str, str]:
    if normal_name(chain[0]) in _OVERSEAS_NAMES:
        return OVERSEAS, "overseas", "overseas", "overseas"
    place, level, method = roots, "none", "exact"
    depth = 3
    for i in range(4):
        if i == 3 and place.code[:2] not in with_villages:
            break
        part = chain[: i + 1]
        if part not in memory:
            memory[part] = _find(chain[i], place, i)
        below, how = memory[part]
        depth = max(depth, i + 1)
        if below is None:
            break
        method = how if how != "exact" else method
        place, level = below, _LEVELS[i]
    wanted = "village" if place.code[:2] in with_villages else "district"
    if place is roots:
        return None, "none", wanted, "none"
    return place.code, level, wanted, method


def _find(name: str, parent: _Place, depth: int) -> tuple[_Place | None, str]:
    for key, how in (
        (f"={normal_name(name)}", "exact"),
        (f"<{normal_name(name)}", "lineage"),
        (f"~{skeleton(name)}", "spelling"),
    ):
        found = {p.code: p for p in parent.below.get(key, ())}
        if depth == 1 and len(found) > 1:
            found = {c: p for c, p in found.items() if (c[2] == "7") == _is_city(name)}
        if len(found) == 1:
            return next(iter(found.values())), how
    return None, "none"


def _tree(areas: pd.DataFrame, lineage: pd.DataFrame) -> tuple[_Place, set[str]]:
    """The nation with everything below it, and the provinces whose villages are listed."""
    listed = areas[areas["level"].isin(_LEVELS)]
    places = {str(c): _Place(str(c)) for c in listed["area_code"]}
    root = _Place("")
    villages: set[str] = set()
    for code, level, name in zip(listed["area_code"], listed["level"], listed["name"], strict=True):
        parent = root if level == "province" else places.get(_parent(code))
        if parent is not None:
            _add(parent, places[code], str(name))
        if level == "village":
            villages.add(code[:2])
    _add_former(root, places, areas, lineage)
    return root, villages


def _parent(code: str) -> str:
    return code[: {4: 2, 6: 4, 10: 6}[len(code)]]


def _add(parent: _Place, place: _Place, name: str) -> None:
    parent.below[f"={normal_name(name)}"].append(place)
    parent.below[f"~{skeleton(name)}"].append(place)


def _add_former(
    root: _Place, places: Mapping[str, _Place], areas: pd.DataFrame, lineage: pd.DataFrame
) -> None:
    """Former names of regencies; and under a province that was split, the regencies that left it."""
    names = dict(zip(areas["area_code"].astype(str), areas["name"].astype(str), strict=True))
    for row in lineage.itertuples(index=False):
        place = places.get(str(row.area_code))
        if place is None:
            continue
        if row.change == "split":
            for parent in _named(root, str(row.former_name)):
                for code, below in places.items():
                    if len(code) == 4 and code.startswith(place.code) and parent.code != place.code:
                        parent.below[f"<{normal_name(names[code])}"].append(below)
        elif len(place.code) == 4:
            for parent in [root_place for root_place in places.values() if root_place.code == place.code[:2]]:
                parent.below[f"<{normal_name(str(row.former_name))}"].append(place)


def _named(root: _Place, name: str) -> Iterable[_Place]:
    return list(root.below.get(f"={normal_name(name)}", ()))
