"""The words the project counts in are declared once: no list of them stands anywhere else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from pipelines import catalog
from pipelines.catalog import vocabulary
from pipelines.catalog.form_rules import form_rules
from tests.support.code import nodes

ROOT = Path(__file__).resolve().parents[3]
CODE = [
    path
    for top in ("pipelines", "flows", "titikrawan", "bench")
    for path in sorted((ROOT / top).rglob("*.py"))
]
# Where an order is the declaration itself, and stands nowhere else.
DECLARED = {
    "pipelines/catalog/vocabulary.py": "the vocabulary",
}

ENDS = {"low", "high"}  # of an interval, by accident also words of confidence


def vocabularies() -> dict[str, frozenset[str]]:
    found = {name: frozenset(codes) for name, codes in catalog.code_lists().items() if name != "yes_no"}
    found |= {"languages": frozenset(vocabulary.LANGUAGES), "layers": frozenset(vocabulary.LAYERS)}
    return found | {"runners": frozenset(vocabulary.RUNNERS)}


KNOWN = vocabularies()


def literal_lists(source: str) -> list[tuple[int, list[str]]]:
    """Tuples, lists and sets of two or more different texts, with their lines."""
    found = []
    picks = {
        id(node.slice) for node in nodes(source) if isinstance(node, ast.Subscript)
    }  # frame[["low", "high"]]: columns
    for node in nodes(source):
        if isinstance(node, ast.Tuple | ast.List | ast.Set) and id(node) not in picks:
            texts = [e.value for e in node.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)]
            if len(texts) == len(node.elts) and len(set(texts)) >= 2:
                found.append((node.lineno, texts))
    return found


def second_lists(source: str) -> list[str]:
    return seconds(literal_lists(source))


def seconds(lists: list[tuple[int, list[str]]]) -> list[str]:
    return [
        f"line {line}: {texts} are codes of {name}"
        for line, texts in lists
        for name, codes in KNOWN.items()
        if codes.issuperset(texts) and set(texts) != ENDS
    ]


@pytest.fixture(scope="module")
def listed() -> dict[str, list[tuple[int, list[str]]]]:
    """The literal lists of every file."""
    assert len(CODE) > 400
    return {str(path.relative_to(ROOT)): literal_lists(path.read_text(encoding="utf-8")) for path in CODE}


@pytest.mark.xdist_group("code")
def test_no_second_list_of_a_vocabulary(listed: dict[str, list[tuple[int, list[str]]]]) -> None:
    found = {name: seconds(lists) for name, lists in listed.items() if name not in DECLARED}
    assert {name: lists for name, lists in found.items() if lists} == {}


def test_the_rule_sees_a_second_list() -> None:
    assert second_lists('for kind in ("psu", "pss"): pass') != []
    assert second_lists('x = {"held", "decided"}') != []
    assert second_lists('x = ["psu", "something else"]') == []
    assert second_lists('frame[["low", "high"]]') == []


@pytest.mark.parametrize("path", DECLARED)
def test_what_is_excepted_still_declares(path: str) -> None:
    assert second_lists((ROOT / path).read_text(encoding="utf-8")) != []


@pytest.mark.parametrize("code_list", vocabulary.GROUPS)
def test_groups_are_made_of_codes_of_their_list(code_list: str) -> None:
    known = vocabulary.codes(code_list)
    for group in vocabulary.GROUPS[code_list]:
        assert set(group) <= set(known), group
        assert len(set(group)) == len(group), group


def test_every_group_names_its_list() -> None:
    named = [group for groups in vocabulary.GROUPS.values() for group in groups]
    for name, value in vars(vocabulary).items():
        others = (
            "LANGS",
            "LAYERS",
            "LAYERS_TO_READ",
            "RUNNERS",
            "WORKBOOK_KINDS",
            "EXPORT_FORMATS",
            "WHOLE_LAYERS",
        )
        if name.isupper() and isinstance(value, tuple) and name not in others:
            assert value in named, name


def test_codes_are_those_of_the_file_in_its_order() -> None:
    assert vocabulary.codes("revote_kind") == ("psu", "psl", "pss", "pssu")
    assert (
        tuple(dict.fromkeys(sorted({t.layer for t in catalog.load()}, key=vocabulary.LAYERS.index)))
        == vocabulary.LAYERS
    )
    assert {rule.remedy for rule in form_rules()} <= set(vocabulary.codes("form_remedy"))
    with pytest.raises(KeyError):
        vocabulary.codes("nothing")


@pytest.mark.xdist_group("code")
def test_no_second_list_of_the_columns_of_a_table(listed: dict[str, list[tuple[int, list[str]]]]) -> None:
    """All columns of a declared table, or all but those that say which run computed it, are read from its YAML."""
    declared = {tuple(t.field_names): t.full_name for t in catalog.load() if len(t.fields) >= 4}
    declared |= {
        tuple(catalog.columns(t.full_name, catalog.RUN_COLUMNS)): t.full_name for t in catalog.load()
    }
    found = [
        f"{name}, line {line}: the columns of {declared[tuple(texts)]}"
        for name, lists in listed.items()
        for line, texts in lists
        if len(texts) >= 4 and tuple(texts) in declared
    ]
    assert found == []
