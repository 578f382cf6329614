"""The house keeps its layers: who may import whom, and who may use which library."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
RANK = {
    "pipelines.catalog": 0,
    "pipelines.sources": 1,
    "pipelines.acquire": 1,
    "pipelines.quality": 1,
    "pipelines.warehouse": 1,
    "pipelines.analysis": 1,
    "pipelines.reporting": 1,
    "pipelines.derived": 2,
    "pipelines.steps": 2,
    "pipelines.run": 2,
    "pipelines.acquisition": 2,
    "flows": 3,
}
COMMAND_LINE = (
    "pipelines.cli",
    "pipelines.commands",
    "pipelines.progress",
    "pipelines.doctor",
    "pipelines.cli_words",
    "pipelines.simulated",
)
ONLY_IN = {
    "prefect": "flows",
    "great_expectations": "pipelines.quality",
    "matplotlib": "pipelines.reporting",
    "typst": "pipelines.reporting",
}


def layer(module: str) -> tuple[str, int]:
    if module.startswith(COMMAND_LINE):
        return "command line", 4
    for name, rank in RANK.items():
        if module == name or module.startswith(name + "."):
            return name, rank
    return module, -1


def modules() -> list[tuple[str, Path]]:
    found = []
    for top in ("pipelines", "flows"):
        for path in sorted((ROOT / top).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            found.append((name, path))
    return found


def imports(name: str, path: Path) -> list[str]:
    found = []
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            found += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return found


@pytest.mark.parametrize(("name", "path"), modules(), ids=lambda v: v if isinstance(v, str) else "")
def test_module_imports_only_layers_below(name: str, path: Path) -> None:
    mine, rank = layer(name)
    for imported in imports(name, path):
        theirs, other = layer(imported)
        if other < 0 or theirs == mine:
            continue
        assert other < rank or (other == rank == 2), f"{name} ({mine}) must not import {imported} ({theirs})"


@pytest.mark.parametrize(("name", "path"), modules(), ids=lambda v: v if isinstance(v, str) else "")
def test_library_is_used_only_where_it_belongs(name: str, path: Path) -> None:
    for imported in imports(name, path):
        owner = ONLY_IN.get(imported.split(".")[0])
        assert owner is None or name == owner or name.startswith(owner + "."), (
            f"{name} must not import {imported}"
        )


@pytest.mark.parametrize(("name", "path"), modules(), ids=lambda v: v if isinstance(v, str) else "")
def test_module_stays_a_small_room(name: str, path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300, f"{name} is longer than 300 lines"
