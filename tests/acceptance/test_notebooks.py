"""The notebooks run on a real release, and the kept ones are those of the sources, with figures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.notebooks import FOLDER, cells
from titikrawan.place import VARIABLE

SOURCES = sorted(FOLDER.glob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_cell_runs(register_run, monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    monkeypatch.setenv(VARIABLE, str(register_run.database))
    space: dict[str, object] = {}
    for kind, text in cells(path.read_text(encoding="utf-8")):
        if kind == "code":
            exec(text, space)
    matplotlib.pyplot.close("all")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_the_kept_notebook_is_the_executed_source(path: Path) -> None:
    book = json.loads(path.with_suffix(".ipynb").read_text(encoding="utf-8"))
    kept = [(cell["cell_type"], "".join(cell["source"])) for cell in book["cells"]]
    assert kept == list(cells(path.read_text(encoding="utf-8"))), "python -m bench.notebooks"
    outputs = [output for cell in book["cells"] for output in cell.get("outputs", ())]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not any(output["output_type"] == "error" for output in outputs)
