"""The house keeps its layers: who may import whom, and who may use which library."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.support.code import nodes, tree

pytestmark = pytest.mark.xdist_group("code")

ROOT = Path(__file__).resolve().parents[2]
# From the bottom up; a room imports rooms of lower rows, and of its own row only as ALLOWED says.
LAYERS = (
    ("pipelines.catalog",),
    ("pipelines.storage", "titikrawan"),
    (
        "pipelines.sources",
        "pipelines.acquire",
        "pipelines.quality",
        "pipelines.warehouse",
        "pipelines.stats",
        "pipelines.resolve",
        "pipelines.simulation",
        "pipelines.workbooks",
    ),
    ("pipelines.forms",),
    ("pipelines.marts", "pipelines.reporting"),
    ("pipelines.jobs",),
    ("flows",),
    ("pipelines.cli",),
)
ALLOWED = {("pipelines.simulation", "pipelines.stats")}
RANK = {room: rank for rank, rooms in enumerate(LAYERS) for room in rooms}
ONLY_IN = {
    "prefect": "flows",
    "great_expectations": "pipelines.quality",
    "matplotlib": "pipelines.reporting",
    "typst": "pipelines.reporting",
    "pptx": "pipelines.reporting",
}


def room(module: str) -> str:
    """The room a module of ours lives in; empty for libraries and for the package `pipelines` itself."""
    for name in RANK:
        if module == name or module.startswith(name + "."):
            return name
    return ""


def modules() -> list[tuple[str, Path]]:
    found = []
    for top in ("pipelines", "flows", "titikrawan"):
        for path in sorted((ROOT / top).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            found.append((name, path))
    return found


MODULES = modules()
NAMES = {name for name, _ in MODULES}


@cache
def imports(name: str, path: Path) -> list[str]:
    """Every module named by an import anywhere in the file, also inside functions."""
    found = []
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in nodes(path.read_text(encoding="utf-8")):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            found += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return found


def test_every_module_lives_in_a_room() -> None:
    homeless = [name for name in NAMES if not room(name) and name != "pipelines"]
    assert homeless == []


def above(name: str, path: Path) -> list[str]:
    """What a module imports of rooms that are not below its own."""
    mine, found = room(name), []
    for imported in imports(name, path):
        theirs = room(imported)
        if not theirs or theirs == mine:
            continue
        if RANK[theirs] >= RANK.get(mine, -1) and (mine, theirs) not in ALLOWED:
            found.append(f"{name} must not import {imported}")
    return found


def elsewhere(name: str, path: Path) -> list[str]:
    """Libraries that a module imports and that belong to another room."""
    owners = {imported: ONLY_IN.get(imported.split(".")[0]) for imported in imports(name, path)}
    return [
        f"{name} must not import {imported}"
        for imported, owner in owners.items()
        if owner is not None and name != owner and not name.startswith(owner + ".")
    ]


def test_every_module_imports_only_layers_below() -> None:
    assert len(MODULES) > 400
    assert [fault for name, path in MODULES for fault in above(name, path)] == []


def test_no_import_circle() -> None:
    """Modules that import each other at their top level, directly or through others, do not exist."""
    graph: dict[str, set[str]] = {}
    for name, path in MODULES:
        top = tree(path.read_text(encoding="utf-8")).body
        wanted = {
            found
            for node in top
            if isinstance(node, ast.Import | ast.ImportFrom)
            for found in _named(name, path, node)
        }
        graph[name] = {w for w in wanted if w in NAMES and w != name and not name.startswith(w + ".")}
    order: list[str] = []
    state: dict[str, int] = {}

    def visit(node: str, way: tuple[str, ...]) -> None:
        if state.get(node) == 2:
            return
        assert state.get(node) != 1, " -> ".join([*way[way.index(node) :], node])
        state[node] = 1
        for other in sorted(graph[node]):
            visit(other, (*way, node))
        state[node] = 2
        order.append(node)

    for name in sorted(graph):
        visit(name, ())
    assert len(order) == len(graph)


def _named(name: str, path: Path, node: ast.Import | ast.ImportFrom) -> set[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    base = node.module or ""
    if node.level:
        above = package.split(".")[: len(package.split(".")) - node.level + 1]
        base = ".".join([*above, base] if base else above)
    inner = {f"{base}.{alias.name}" for alias in node.names}
    return {found for found in inner if found in NAMES} or {base}


def test_libraries_are_used_only_where_they_belong() -> None:
    assert [fault for name, path in MODULES for fault in elsewhere(name, path)] == []


def test_the_rules_see_a_forbidden_import(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("def f():\n    from ..reporting import model\n    import prefect\n", encoding="utf-8")
    assert above("pipelines.stats.bad", bad) == [
        "pipelines.stats.bad must not import pipelines.reporting",
        "pipelines.stats.bad must not import pipelines.reporting.model",
    ]
    assert elsewhere("pipelines.stats.bad", bad) == ["pipelines.stats.bad must not import prefect"]


def written_files(source: str) -> list[int]:
    """Lines that open a DuckDB file otherwise than for reading, or attach one so; memory is no file."""
    found = []
    for node in nodes(source):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = node.value.lower().split()
            is_file = words[:1] == ["attach"] and words[1:2] != ["':memory:'"]
            if is_file and "read_only" not in node.value.lower():
                found.append(node.lineno)
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr != "connect" or not (
            isinstance(node.func.value, ast.Name) and node.func.value.id == "duckdb"
        ):
            continue
        place = (
            node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "database"), None)
        )
        in_memory = place is None or (isinstance(place, ast.Constant) and place.value == ":memory:")
        reads = any(
            k.arg == "read_only" and isinstance(k.value, ast.Constant) and k.value.value is True
            for k in node.keywords
        )
        if not (in_memory or reads):
            found.append(node.lineno)
    return found


def test_only_warehouse_opens_a_duckdb_file_for_writing() -> None:
    found = {
        name: lines
        for name, path in MODULES
        if room(name) != "pipelines.warehouse" and (lines := written_files(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_the_rule_sees_a_file_opened_for_writing() -> None:
    assert written_files('import duckdb\nduckdb.connect("x.duckdb")') == [2]
    assert written_files("duckdb.connect(str(path), read_only=flag)") == [1]
    assert written_files("con.execute(\"attach 'x.duckdb' as x\")") == [1]
    assert written_files("con.execute(\"attach ':memory:' as x\")") == []
    assert (
        written_files('duckdb.connect(); duckdb.connect(":memory:"); duckdb.connect(p, read_only=True)') == []
    )
