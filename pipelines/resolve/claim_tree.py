"""The tree of areas as it stood at an election, down to places that have a name but no code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..catalog.vocabulary import VILLAGE_LEVELS
from .rows import as_it_stood

NATION = "00"
SYNTHETIC = "~"


def normal_name(name: str | None) -> str:
    """Return a name without case, spaces and punctuation: `Ngemplik Wetan` and `Ngemplikwetan` become equal."""
    return re.sub(r"[^a-z0-9]", "", (name or "").lower())


def normal_tps(number: str) -> str:
    """Return a TPS number without leading zeros; texts such as `lokasi khusus` keep their letters."""
    text = normal_name(number)
    return text.lstrip("0") or "0" if text.isdigit() else text


@dataclass(frozen=True)
class AreaTree:
    """Parents and children of area codes at one election (provinces split later have their own node).

    Attributes:
        parent: area code -> code of the area above; the nation has none.
        children: area code -> codes directly below, sorted.
        former: today's province code -> code of the province it was part of at the election.
    """

    parent: Mapping[str, str]
    children: Mapping[str, tuple[str, ...]]
    former: Mapping[str, str]
    levels: Mapping[str, str]
    _depth: dict[str, int] = field(default_factory=dict, compare=False, repr=False)

    def above(self, node: str) -> str | None:
        """Return the node above, or None for the nation; a place without a code
        lies in the coded area it names."""
        if SYNTHETIC in node:
            return node.split(SYNTHETIC, 1)[0]
        return self.parent.get(node)

    def depth(self, node: str) -> int:
        """Return the number of steps up to the nation."""
        if node not in self._depth:
            parent = self.above(node)
            self._depth[node] = 0 if parent is None else self.depth(parent) + 1
        return self._depth[node]

    def place(self, level: str, area_code: str, district: str | None, village: str | None, key: str) -> str:
        """Return the node that a claim is about: a coded area, or `code~name` where only the name is known.

        Args:
            level: level of the claim.
            area_code: deepest code known.
            district, village: names as written.
            key: distinguishes two places without a name (the claim's id).
        """
        if level == "province":
            return as_it_stood(level, area_code, self.former)
        if level == "district" and len(area_code) < 6:
            return f"{area_code}{SYNTHETIC}{normal_name(district) or key}"
        if level in VILLAGE_LEVELS and len(area_code) < 10:
            name = normal_name(village)
            if name or level == "village":
                return f"{area_code}{SYNTHETIC}{name or key}"
        return area_code


def build_tree(
    areas: Iterable[Mapping[str, Any]],
    former: Mapping[str, str],
    scope: str = "national",
) -> AreaTree:
    """Build the tree of areas at an election.

    Args:
        areas: rows with area_code, level, parent_code.
        former: result of `rows.former_provinces` for the voting day.
        scope: "national" or "province:CODE"; other areas are left out.
    """
    only = scope.split(":", 1)[1] if scope.startswith("province:") else None
    parent: dict[str, str] = {}
    levels: dict[str, str] = {NATION: "national"}
    for area in areas:
        code, level = str(area["area_code"]), str(area["level"])
        levels[code] = level
        if level == "national" or (only and not code.startswith(only)):
            continue
        if level == "former_province":
            if code in former.values():
                parent[code] = NATION
        elif level == "province":
            parent[code] = former.get(code, NATION)
        else:
            parent[code] = str(area["parent_code"])
    children: dict[str, list[str]] = {}
    for code, above in parent.items():
        children.setdefault(above, []).append(code)
    return AreaTree(parent, {k: tuple(sorted(v)) for k, v in children.items()}, former, levels)
