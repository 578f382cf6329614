"""Values, coverage and leaves of one (election, outcome, status) from its claims, over the tree of areas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .claim_bounds import Statement
from .claim_precedence import Claim, choose
from .claim_tree import SYNTHETIC, AreaTree


@dataclass
class Node:
    """An area while it is being resolved; `value` None = no data."""

    code: str
    own: list[Claim] = field(default_factory=list)
    tps: dict[str, list[Claim]] = field(default_factory=dict)
    below: list[str] = field(default_factory=list)
    chosen: Claim | None = None
    losers: list[tuple[Claim, str]] = field(default_factory=list)
    value: int | None = None
    located: int = 0
    is_complete: bool = False
    rests_on: str = "none"
    claim_id: str | None = None
    statement: Statement | None = None
    flags: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class GroupResult:
    """Rows of `values`, `leaves` and `alternatives`, without the key of the group."""

    values: list[dict[str, Any]]
    leaves: list[dict[str, Any]]
    alternatives: list[dict[str, Any]]


def _attach_tps(nodes: dict[str, Node], claim: Claim, tree: AreaTree) -> None:
    """Put a TPS claim on its node, or on the TPS already known that it may be the same as."""
    base, _, name = claim.node.partition(SYNTHETIC)
    number = claim.tps or ""
    for code, node in nodes.items():
        if code == claim.node or number not in node.tps:
            continue
        same_place = name == "" or code.partition(SYNTHETIC)[2] == name
        if same_place and code.startswith(base) and tree.depth(code) > tree.depth(base):
            node.tps[number].append(claim)
            return
    nodes.setdefault(claim.node, Node(claim.node)).tps.setdefault(number, []).append(claim)


def _plant(claims: Sequence[Claim], tree: AreaTree, statements: Mapping[str, Statement]) -> dict[str, Node]:
    """Nodes that claims or statements speak of, with all nodes above them, linked downwards."""
    nodes: dict[str, Node] = {}
    for claim in claims:
        if claim.tps is None:
            nodes.setdefault(claim.node, Node(claim.node)).own.append(claim)
    stations = [c for c in claims if c.tps is not None]
    for claim in sorted(
        stations, key=lambda c: (-len(c.node.partition(SYNTHETIC)[0]), SYNTHETIC not in c.node)
    ):
        _attach_tps(nodes, claim, tree)
    for code, statement in statements.items():
        nodes.setdefault(code, Node(code)).statement = statement
    for code in list(nodes):
        child, above = code, tree.above(code)
        while above is not None:
            node = nodes.setdefault(above, Node(above))
            if child in node.below:
                break
            node.below.append(child)
            child, above = above, tree.above(above)
    return nodes


def _settle(node: Node, nodes: Mapping[str, Node], status: str, tree: AreaTree) -> None:
    """Value of one node from its own claims and its parts, which are settled already."""
    parts = [nodes[c] for c in sorted(node.below)]
    known = [p.value for p in parts if p.value is not None]
    node.located = sum(known) + len(node.tps)
    has_parts = bool(known or node.tps)
    official = node.statement.expected if node.statement else None
    if node.own:
        node.chosen, node.losers = choose(node.own, status, official)
        figure = node.chosen.value
        if figure is None:
            # Mentioned without a number: at least one, unless the parts say more.
            node.flags.append("number_not_stated")
            figure = max(1, node.located)
        is_official = (
            node.statement is not None
            and node.statement.is_whole
            and figure == official
            and node.chosen.status == status
        )
        if node.located > figure:
            node.flags.append("parts_exceed_whole")
        takes_parts = node.located > figure and not is_official
        node.value = node.located if takes_parts else figure
        node.rests_on, node.claim_id = ("sum_of_parts", None) if takes_parts else ("claim", node.chosen.id)
        node.is_complete = is_official or (node.chosen.value == 0 and node.value == 0)
    elif has_parts:
        node.value, node.rests_on = node.located, "sum_of_parts"
    if node.statement and official is not None:
        _apply_statement(node, official)
    in_scope = tree.children.get(node.code, ())
    if has_parts and not node.is_complete and in_scope and node.value == node.located:
        whole = all(c in nodes and nodes[c].is_complete for c in in_scope)
        named = {*in_scope, *node.below} == set(in_scope)
        node.is_complete = whole and named and not node.tps


def _apply_statement(node: Node, official: int) -> None:
    """Compare with the register's statement; a statement of completeness makes the node complete when it agrees."""
    assert node.statement is not None
    if node.value == official:
        node.is_complete = node.is_complete or node.statement.is_complete
    elif node.value is None and official == 0 and node.statement.is_complete:
        node.value, node.is_complete = 0, True
        node.rests_on, node.claim_id = "coverage", node.statement.id
    elif node.value is not None:
        node.flags.append("differs_from_official")


def _complete_below(code: str, nodes: dict[str, Node], tree: AreaTree) -> None:
    """Where a complete area is wholly located, its parts are complete, and parts never mentioned are zero."""
    stack = [code]
    while stack:
        node = nodes[stack.pop()]
        if not node.is_complete or node.value != node.located or "parts_exceed_whole" in node.flags:
            continue
        for below in sorted({*node.below, *tree.children.get(node.code, ())}):
            part = nodes.setdefault(below, Node(below))
            part.is_complete = True
            part.statement = part.statement or node.statement
            if part.value is None and part.statement:
                part.value, part.rests_on, part.claim_id = 0, "coverage", part.statement.id
            stack.append(below)


def resolve_group(
    claims: Sequence[Claim], status: str, tree: AreaTree, statements: Mapping[str, Statement]
) -> GroupResult:
    """Resolve the claims of one (election, outcome, status).

    Args:
        claims: claims of the group.
        status: status being resolved.
        tree: areas at the election.
        statements: area code -> what the register states about it.
    """
    nodes = _plant(claims, tree, statements)
    for code in sorted(nodes, key=lambda c: (-tree.depth(c), c)):
        _settle(nodes[code], nodes, status, tree)
    for code in [c for c, n in nodes.items() if n.statement and n.statement.is_complete and n.is_complete]:
        _complete_below(code, nodes, tree)
    ordered = [nodes[c] for c in sorted(nodes)]
    return GroupResult(
        [_value_row(n, tree) for n in ordered if SYNTHETIC not in n.code and n.value is not None],
        [row for n in ordered for row in _leaf_rows(n, tree, status)],
        [row for n in ordered for row in _alternative_rows(n)],
    )


def _value_row(node: Node, tree: AreaTree) -> dict[str, Any]:
    assert node.value is not None
    stated = node.statement if node.rests_on == "coverage" else None
    return {
        "area_code": node.code,
        "level": tree.levels[node.code],
        "value": node.value,
        "coverage": "complete" if node.is_complete else "at_least",
        "rests_on": node.rests_on,
        "claim_id": node.claim_id,
        "basis": stated.basis if stated else (node.chosen.basis if node.rests_on == "claim" and node.chosen else None),
        "claim_date": stated.date if stated else (node.chosen.date if node.rests_on == "claim" and node.chosen else None),
        "confidence": node.chosen.confidence if node.rests_on == "claim" and node.chosen else None,
        "n_located": node.located,
        "n_unlocated": max(node.value - node.located, 0),
        "n_claims": len(node.own) + sum(map(len, node.tps.values())),
        "flags": ";".join(node.flags) or None,
    }  # fmt: skip


def _leaf_rows(node: Node, tree: AreaTree, status: str) -> Iterable[dict[str, Any]]:
    base = node.code.partition(SYNTHETIC)[0]
    for number, claims in sorted(node.tps.items()):
        chosen, others = choose(claims, status)
        yield {
            "place": f"{node.code}/{number}",
            "area_code": base,
            "level": "tps",
            "district": chosen.row.get("district"),
            "village": chosen.row.get("village"),
            "tps": chosen.row.get("tps"),
            "n_tps": 1,
            "claim_id": chosen.id,
            "other_claim_ids": ";".join(c.id for c, _ in others) or None,
        }
    rest = (node.value or 0) - node.located
    if rest > 0 and node.chosen is not None:
        is_named = SYNTHETIC in node.code
        yield {
            "place": node.code,
            "area_code": base,
            "level": node.chosen.row["level"] if is_named else tree.levels[node.code],
            "district": node.chosen.row.get("district"),
            "village": node.chosen.row.get("village"),
            "tps": None,
            "n_tps": rest,
            "claim_id": node.chosen.id,
            "other_claim_ids": ";".join(c.id for c, _ in node.losers) or None,
        }


def _alternative_rows(node: Node) -> Iterable[dict[str, Any]]:
    """Claims that lost to another, and an area's own figure where its parts say more (`chosen_claim_id` None)."""
    if node.chosen is None:
        return
    is_overruled = node.rests_on == "sum_of_parts"
    losers = [(node.chosen, "parts_exceed_whole"), *node.losers] if is_overruled else node.losers
    for other, reason in losers:
        yield {
            "area_code": node.code.partition(SYNTHETIC)[0],
            "claim_id": other.id,
            "chosen_claim_id": None if is_overruled else node.chosen.id,
            "value": other.value,
            "chosen_value": node.value if is_overruled else node.chosen.value,
            "reason": reason,
        }
