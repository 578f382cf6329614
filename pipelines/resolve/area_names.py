"""Map area names to today's codes, for sources that use their own codes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher, get_close_matches
from functools import cache
from itertools import groupby

import pandas as pd

from ..catalog.vocabulary import AREA_LEVELS

OVERSEAS = "99"
SIMILAR, CLEARLY = 0.85, 0.05
# Words for the kind of area, which some sources write and others omit.
_KINDS = re.compile(
    r"\b(provinsi|prov|kabupaten|kab|kota|administrasi|adm|kecamatan|kec|kelurahan|kel|desa|distrik)\b"
)
_CITY = re.compile(r"\bkota\b")
_SPELLING = {
    "daerah istimewa yogyakarta": "yogyakarta", "di yogyakarta": "yogyakarta", "d i yogyakarta": "yogyakarta",
    "dki jakarta": "jakarta", "daerah khusus ibukota jakarta": "jakarta", "daerah khusus jakarta": "jakarta",
    "bangka belitung": "kepulauan bangka belitung",
}  # fmt: skip
_NUMBERS = {
    "satu": "1", "dua": "2", "tiga": "3", "empat": "4", "lima": "5", "enam": "6", "tujuh": "7", "delapan": "8",
    "sembilan": "9", "sepuluh": "10", "sebelas": "11", "i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5",
    "vi": "6", "vii": "7", "viii": "8", "ix": "9", "x": "10", "xi": "11",
}  # fmt: skip
_OVERSEAS_NAMES = {"luar negeri"}


@dataclass(slots=True)
class _Place:
    """An area with its child areas, indexed by name."""

    code: str
    below: dict[str, list[_Place]] = field(default_factory=dict)


@cache
def normal_name(name: str) -> str:
    """Return a name in lower case, without punctuation and without words for the kind of area.

    Example:
        >>> normal_name("KOTA ADM. JAKARTA PUSAT") == normal_name("Kota Administrasi Jakarta Pusat")
        True
    """
    text = re.sub(r"[^a-z0-9]+", " ", name.lower()).strip()
    bare = re.sub(r" +", " ", _KINDS.sub(" ", text)).strip() or text
    bare = " ".join(_NUMBERS.get(word, word) for word in bare.split())
    return _SPELLING.get(bare, _SPELLING.get(text, bare))


@cache
def literal_name(name: str) -> str:
    """Return a name in lower case without punctuation, keeping its words:
    the district `Kota Manna` is not `Manna`."""
    return re.sub(r"[^a-z0-9]+", " ", name.lower()).strip()


@cache
def skeleton(name: str) -> str:
    """Return a normal name without blanks and without variable spellings:
    doubled letters, y/i, dj/j, oe/u, final h."""
    return _skeleton(normal_name(name))


def _skeleton(name: str) -> str:
    text = name.replace(" ", "")
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
    return "".join(letter for letter, _ in groupby(text)).rstrip("h")


def is_short_for(short: str, long: str) -> bool:
    """Return whether one literal name abbreviates words of another: `wt sidenreng`, `kep bala`, `stm hilir`.

    A word of up to three letters may stand for a word that has the same first letter and contains the others in
    order, or for as many words as it has letters, by their initials. All other words and all numbers must be
    equal.
    """
    same_numbers = _digits(normal_name(short)) == _digits(normal_name(long))
    return short != long and same_numbers and _short_for(tuple(short.split()), tuple(long.split()))


def _short_for(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    if not short or not long:
        return not short and not long
    word, rest = short[0], short[1:]
    if word == long[0] and _short_for(rest, long[1:]):
        return True
    if len(word) > 3 or not word.isalpha():
        return False
    letters = iter(long[0])
    is_cut = word[0] == long[0][0] and len(word) < len(long[0]) and all(letter in letters for letter in word)
    if is_cut and _short_for(rest, long[1:]):
        return True
    n = len(word)
    is_initials = (
        n > 1 and len(long) >= n and all(w[0] == letter for w, letter in zip(long, word, strict=False))
    )
    return is_initials and _short_for(rest, long[n:])


def _is_city(name: str) -> bool:
    return bool(_CITY.search(name.lower()))


def resolve_names(names: pd.DataFrame, areas: pd.DataFrame, lineage: pd.DataFrame) -> pd.DataFrame:
    """Find today's code for every chain of names.

    A name matches the only child of its parent with, in this order: the same normal name, the same former name,
    the same skeleton, or a very similar spelling among the children not yet matched. Where a regency and a city
    share a name, the kind decides. Nothing else is guessed.

    Args:
        names: (n rows) province, regency, district, village (text), n_tps (int).
        areas: ref.areas: area_code, level, name, parent_code.
        lineage: ref.area_lineage: former_code, former_name, area_code, change.

    Returns:
        `names` with name_key, area_code (deepest match; '99' overseas; NA none), resolved_level, wanted_level
        (deepest level that `areas` lists below that province), method (exact, lineage, spelling, similar,
        overseas, none) and reason, NA for a full match: not_listed_today (no such name is listed today, and no
        row of the lineage says what became of it) or several_alike.
    """
    roots, with_villages = _tree(areas, lineage)
    chains = names[list(_LEVELS)].fillna("").astype("object")
    siblings: dict[tuple[str, ...], set[str]] = defaultdict(set)
    todo: dict[tuple[str, ...], tuple[str | None, str, str, str, str | None]] = {}
    listed = list(zip(*(chains[c].to_list() for c in _LEVELS), strict=True))
    villages = {p for p in set(chains["province"]) if _code_of(roots, p) in with_villages}
    # Where no villages are listed, thousands of names share the match of their district.
    cut = [chain if chain[0] in villages else (*chain[:3], "") for chain in listed]
    for chain in dict.fromkeys(cut):
        for i in range(4):
            siblings[chain[:i]].add(normal_name(chain[i]))
    memory: dict[tuple[str, ...], tuple[_Place | None, str]] = {}
    for chain in dict.fromkeys(cut):
        todo[chain] = _resolve(chain, roots, with_villages, memory, siblings)
    rows = [todo[chain] for chain in cut]
    found = pd.DataFrame(
        rows, columns=["area_code", "resolved_level", "wanted_level", "method", "reason"], index=names.index
    )
    key = pd.Series(["/".join(chain) for chain in listed], index=names.index, dtype="str", name="name_key")
    return pd.concat([names, key, found], axis=1)


def _code_of(root: _Place, province: str) -> str:
    place, _ = _find(province, root, 0, set())
    return place.code if place else ""


_LEVELS = AREA_LEVELS


def _resolve(
    chain: tuple[str, ...],
    roots: _Place,
    with_villages: set[str],
    memory: dict[tuple[str, ...], tuple[_Place | None, str]],
    siblings: Mapping[tuple[str, ...], set[str]],
) -> tuple[str | None, str, str, str, str | None]:
    if normal_name(chain[0]) in _OVERSEAS_NAMES:
        return OVERSEAS, "overseas", "overseas", "overseas", None
    place, level, method, reason = roots, "none", "exact", None
    for i in range(4):
        if i == 3 and place.code[:2] not in with_villages:
            break
        part = chain[: i + 1]
        if part not in memory:
            memory[part] = _find(chain[i], place, i, siblings.get(chain[:i], set()))
        below, how = memory[part]
        if below is None:
            reason = "several_alike" if how == "several" else "not_listed_today"
            break
        method = how if how != "exact" else method
        place, level = below, _LEVELS[i]
    wanted = "village" if place.code[:2] in with_villages else "district"
    if place is roots:
        return None, "none", wanted, "none", reason
    return place.code, level, wanted, method, reason


def _find(name: str, parent: _Place, depth: int, siblings: set[str]) -> tuple[_Place | None, str]:
    normal, literal = normal_name(name), literal_name(name)
    keys = [(f"={normal}", "exact"), (f"<{normal}", "lineage"), (f"~{skeleton(name)}", "spelling")]
    if depth >= 2:
        # In district and village names, `kota` and `lima` are part of the name.
        keys = [(f"!{literal}", "exact"), *keys, (f"^{_skeleton(literal)}", "spelling")]
    n_alike = 0
    for key, how in keys:
        found = {p.code: p for p in parent.below.get(key, ())}
        if depth == 1 and len(found) > 1:
            found = {c: p for c, p in found.items() if (c[2] == "7") == _is_city(name)}
        if len(found) == 1:
            return next(iter(found.values())), how
        n_alike = max(n_alike, len(found))
    if depth >= 2 and n_alike == 0:
        short = {
            p.code: p
            for key, (p, *_) in parent.below.items()
            if key[0] == "!" and (is_short_for(literal, key[1:]) or is_short_for(key[1:], literal))
        }
        if len(short) == 1:
            return next(iter(short.values())), "spelling"
        n_alike = len(short)
    place = _nearest(name, parent, siblings) if depth else None
    return place, "similar" if place else "several" if n_alike > 1 else "none"


def _nearest(name: str, parent: _Place, siblings: set[str]) -> _Place | None:
    """Return the one similarly spelt area that no other name of the source matches."""
    free = {
        skeleton(key[1:]): places[0]
        for key, places in parent.below.items()
        if key[0] == "=" and len(places) == 1 and key[1:] not in siblings
    }
    wanted = skeleton(name)
    if not get_close_matches(wanted, list(free), 1, SIMILAR):
        # "Kota Cot Glie" resembles "Kuta Cot Glie", but not once "Kota" is removed as the kind of area.
        free = {
            _skeleton(key[1:]): places[0]
            for key, places in parent.below.items()
            if key[0] == "!" and len(places) == 1 and normal_name(key[1:]) not in siblings
        }
        wanted = _skeleton(literal_name(name))
    near = get_close_matches(wanted, list(free), 2, SIMILAR)
    if len(near) == 2 and ratio(wanted, near[0]) - ratio(wanted, near[1]) < CLEARLY:
        return None
    # Names with different numbers are different areas, however similar they look.
    return free[near[0]] if near and _digits(wanted) == _digits(near[0]) else None


def ratio(one: str, other: str) -> float:
    """Return the similarity of two texts, 0-1 (Ratcliff and Obershelp 1988)."""
    return SequenceMatcher(None, one, other).ratio()


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def _tree(areas: pd.DataFrame, lineage: pd.DataFrame) -> tuple[_Place, set[str]]:
    """Return the tree of the nation, and the provinces whose villages are listed."""
    listed = areas.loc[areas["level"].isin(_LEVELS), ["area_code", "level", "name"]].astype("object")
    rows = list(listed.itertuples(index=False, name=None))
    places = {str(code): _Place(str(code)) for code, _, _ in rows}
    root = _Place("")
    villages: set[str] = set()
    for code, level, name in rows:
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
    literal = literal_name(name)
    for key in (f"={normal_name(name)}", f"~{skeleton(name)}", f"!{literal}", f"^{_skeleton(literal)}"):
        parent.below.setdefault(key, []).append(place)


def _add_former(
    root: _Place, places: Mapping[str, _Place], areas: pd.DataFrame, lineage: pd.DataFrame
) -> None:
    """Add former names of regencies with their children and, under a split
    province, the regencies that left it."""
    names = dict(zip(areas["area_code"].astype(str), areas["name"].astype(str), strict=True))
    for row in lineage.itertuples(index=False):
        place = places.get(str(row.area_code))
        if place is None:
            continue
        if row.change == "split":
            for parent in _named(root, str(row.former_name)):
                for code, below in places.items():
                    if len(code) == 4 and code.startswith(place.code) and parent.code != place.code:
                        parent.below.setdefault(f"<{normal_name(names[code])}", []).append(below)
        elif len(place.code) in (6, 10):
            above = _parent(place.code)
            for code in {str(row.former_code)[: len(above)], above} & places.keys():
                places[code].below.setdefault(f"<{normal_name(str(row.former_name))}", []).append(place)
        elif len(place.code) == 4:
            for parent in [root_place for root_place in places.values() if root_place.code == place.code[:2]]:
                parent.below.setdefault(f"<{normal_name(str(row.former_name))}", []).append(place)


def _named(root: _Place, name: str) -> Iterable[_Place]:
    return list(root.below.get(f"={normal_name(name)}", ()))
