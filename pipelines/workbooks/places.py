"""Match a row to an area: names of province, regency, district and village, or a code, against today's areas.

Names are compared in three steps, the first match counts: exact; normalised (without words that only name the
level, then without blanks); synonym. Parents narrow down children, and children decide between parents:
"Bandung" beside the district Coblong is the city. Names that are only similar are suggested, never accepted.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from ..catalog.messages import Message
from ..catalog.vocabulary import AREA_LEVELS
from ..catalog.workbooks import workbooks
from .findings import Misread
from .text import normal, squeezed
from .values import read_code_digits

LIKE_ENOUGH = 70.0
"""Minimum similarity of a suggestion, 0 to 100 (rapidfuzz WRatio)."""


@dataclass(frozen=True)
class Area:
    """One area as it exists today."""

    code: str
    level: str
    name: str
    parent: str


@dataclass(frozen=True)
class Place:
    """The area a row means: code and level of the deepest one, names by
    level, and the matching rule for each name."""

    code: str
    level: str
    names: Mapping[str, str]
    rules: Mapping[str, str] = field(default_factory=dict)


class MisreadAt(Misread):
    """A place that could not be matched, and the level whose cell is at fault."""

    def __init__(self, level: str, wrong: Misread) -> None:
        super().__init__(wrong.said, wrong.allowed, wrong.nearest)
        self.level = level


@lru_cache(maxsize=16384)  # the names of all areas and the texts of a sheet recur often
def _bare(level: str, text: str) -> tuple[tuple[str, str], ...]:
    """Return the possible readings (kind of regency, normalised name) of a text, the most literal one last."""
    declared, words = workbooks(), normal(text).split()
    kinds = {w: kind for kind, names in declared.regency_types.items() for w in names}
    kind, rest = "", list(words)
    while len(rest) > 1 and rest[0] in {*declared.area_words[level], *(kinds if level == "regency" else ())}:
        kind = kind or (kinds.get(rest[0], "") if level == "regency" else "")
        rest = rest[1:]
    found = ((kind, " ".join(rest)),)
    return found if rest == words else (*found, ("", " ".join(words)))


class Places:
    """Lookup of today's areas."""

    def __init__(self, areas: Iterable[Area]) -> None:
        self.by_code = {a.code: a for a in areas if a.level in AREA_LEVELS}
        self._exact: dict[tuple[str, str], list[Area]] = defaultdict(list)
        self._normal: dict[tuple[str, str], list[Area]] = defaultdict(list)
        self._kind: dict[str, str] = {}
        for area in self.by_code.values():
            self._exact[area.level, area.name].append(area)
            kind, name = _bare(area.level, area.name)[0]
            self._kind[area.code] = kind
            for key in dict.fromkeys((squeezed(name), squeezed(_bare(area.level, area.name)[-1][1]))):
                self._normal[area.level, key].append(area)

    def inside(self, level: str, above: Collection[str] | None) -> list[Area]:
        """Return the areas of a level below any of the codes `above`; None = anywhere."""
        every = (a for a in self.by_code.values() if a.level == level)
        return [a for a in every if above is None or any(a.code.startswith(c) for c in above)]

    def named(self, level: str, text: str) -> tuple[str, list[Area]]:
        """Return (rule, areas) that a name may mean anywhere; no areas where no rule matches."""
        if found := self._exact.get((level, text.strip())):
            return "exact", found
        for kind, name in _bare(level, text):
            if found := self._of_kind(kind, self._normal.get((level, squeezed(name)), [])):
                return "normalised", found
        for kind, name in _bare(level, text):
            long = workbooks().area_names.get(name, "")
            if found := self._of_kind(kind, self._normal.get((level, squeezed(normal(long))), [])):
                return "synonym", found
        return "", []

    def _of_kind(self, kind: str, areas: list[Area]) -> list[Area]:
        return [a for a in areas if not kind or self._kind[a.code] in ("", kind)]

    def nearest(self, level: str, text: str, above: Collection[str] | None, n: int = 3) -> list[str]:
        """Return names similar to `text`, best first, for a person to choose from."""
        from rapidfuzz import fuzz, process  # imported late: needed only where a name was not matched

        choices = {a.code: _bare(level, a.name)[0][1] for a in self.inside(level, above)}
        found = process.extract(
            _bare(level, text)[0][1], choices, scorer=fuzz.WRatio, limit=n, score_cutoff=LIKE_ENOUGH
        )
        return [self.full_name(code) for _, _, code in found]

    def full_name(self, code: str) -> str:
        """Return an area with the areas that contain it: "Kemayoran, Kota Jakarta Pusat"."""
        area = self.by_code[code]
        above = self.by_code.get(area.parent)
        return f"{area.name}, {above.name}" if above else area.name

    def find(self, cells: Mapping[str, str], within: str = "") -> Place | None:
        """Return the area a row means.

        Args:
            cells: level -> text of its cell; `code` -> text of a code. Empty texts are ignored.
            within: code of the enclosing area, where the sheet does not state it.

        Returns:
            None where the row names no area.

        Raises:
            MisreadAt: a name that matches nothing, matches several areas, or lies elsewhere.
        """
        given = {level: text.strip() for level, text in cells.items() if text.strip()}
        if text := given.pop("code", ""):
            return self._by_code(text, given)
        above: set[str] | None = {within} if within in self.by_code else None
        given_levels = [level for level in AREA_LEVELS if level in given]
        if not given_levels:
            return self._place(within, given, {}) if above else None
        rules: dict[str, str] = {}
        deepest, candidates = "", []
        for level in given_levels:
            name, context = _parts(given[level])
            narrowed = self._context(level, context, above)
            rule, found = self._match(level, name, narrowed)
            if level == "village" and not found:
                break  # few villages have codes here; the name itself is stored
            if not found:
                raise MisreadAt(level, self._misread(level, name, given[level], narrowed))
            rules[level], deepest, candidates = rule, level, found
            above = {a.code for a in found}
        if not candidates:  # only a village is given
            if within in self.by_code:
                return self._place(within, given, rules)
            raise MisreadAt("village", Misread(Message("workbooks.village_alone", value=given["village"])))
        if len(candidates) > 1:
            both = [self.full_name(a.code) for a in candidates][:5]
            said = Message("workbooks.several_areas", value=given[deepest], n=len(candidates))
            raise MisreadAt(deepest, Misread(said, Message("workbooks.say_what_it_lies_in"), both))
        return self._place(candidates[0].code, given, rules)

    def _match(self, level: str, name: str, above: Collection[str] | None) -> tuple[str, list[Area]]:
        if code := read_code_digits(name):
            found = [self.by_code[code]] if code in self.by_code else []
            rule = "exact"
            found = [a for a in found if a.level == level]
        else:
            rule, found = self.named(level, name)
        return rule, [a for a in found if above is None or any(a.code.startswith(c) for c in above)]

    def _context(
        self, level: str, parts: Sequence[str], above: Collection[str] | None
    ) -> Collection[str] | None:
        """Narrow `above` by the qualifier after the name: "Kemayoran, Jakpus"."""
        for part in parts:
            for parent in reversed(AREA_LEVELS[: AREA_LEVELS.index(level)]):
                _, found = self._match(parent, part, above)
                if found:
                    above = {a.code for a in found}
                    break
        return above

    def _misread(self, level: str, name: str, cell: str, above: Collection[str] | None) -> Misread:
        _, elsewhere = self._match(level, name, None)
        if elsewhere:
            others = [self.full_name(a.code) for a in elsewhere][:3]
            inside = ", ".join(self.by_code[c].name for c in sorted(above or ()) if c in self.by_code)
            said = Message("workbooks.lies_elsewhere", value=cell, inside=inside)
            return Misread(said, "", [*self.nearest(level, name, above, 2), *others])
        return Misread(
            Message("workbooks.no_such_area", value=cell),
            Message("workbooks.form_area"),
            self.nearest(level, name, above) or self.nearest(level, name, None),
        )

    def _by_code(self, text: str, given: Mapping[str, str]) -> Place:
        code = read_code_digits(text)
        if code not in self.by_code:
            above = self.by_code.get(code[:4]) or self.by_code.get(code[:2])
            near = [f"{a.code} {a.name}" for a in self.by_code.values() if above and a.parent == above.code][
                :3
            ]
            raise MisreadAt("code", Misread(Message("workbooks.no_such_code", value=text), "", near))
        for level in AREA_LEVELS[:3]:
            name = _parts(given.get(level, ""))[0]
            if name and len(code) >= 2 * (AREA_LEVELS.index(level) + 1):
                _, found = self._match(level, name, None)
                if not any(code.startswith(a.code) for a in found):
                    said = Message("workbooks.code_and_name_differ", code=code, value=given[level])
                    raise MisreadAt("code", Misread(said, "", [self.full_name(code)]))
        return self._place(code, given, {"code": "exact"})

    def _place(self, code: str, given: Mapping[str, str], rules: Mapping[str, str]) -> Place:
        names: dict[str, str] = {}
        area: Area | None = self.by_code[code]
        deepest = self.by_code[code].level
        while area is not None:
            names[area.level] = area.name
            area = self.by_code.get(area.parent)
        if given.get("village") and deepest != "village":
            names["village"] = _village(given["village"])
        return Place(code, deepest, names, rules)


def _parts(text: str) -> tuple[str, list[str]]:
    """Return a name and the qualifiers after it, between commas or in brackets."""
    first, *rest = [p.strip() for p in re.split(r"[,(;]", text.replace(")", " ")) if p.strip()] or [text]
    return first, rest


def _village(text: str) -> str:
    """Return the name of a village without the word for its level."""
    name = _parts(text)[0]
    words = workbooks().area_words["village"]
    parts = name.split()
    while len(parts) > 1 and normal(parts[0]) in words:
        parts = parts[1:]
    return " ".join(parts)
