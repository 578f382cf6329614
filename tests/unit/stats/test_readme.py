"""The examples of the README run, and it lists every public function."""

from __future__ import annotations

import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import pipelines.stats

README = Path(pipelines.stats.__file__).with_name("README.md")
TEXT = README.read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)
MODULES = {module.name for module in pkgutil.iter_modules(pipelines.stats.__path__)}
# Scans document themselves elsewhere.
STATISTICS = {
    "rates",
    "empirical_bayes",
    "moment_eb",
    "ranks",
    "overdispersion",
    "outlier_nb",
    "funnel",
    "power",
    "persistence.credibility",
    "persistence.cascade",
    "persistence.permutation",
    "persistence.replicability",
    "spatial.moran",
    "mgps",
    "ground_shares",
}


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_example_runs(number: int) -> None:
    exec(compile(BLOCKS[number], f"{README.name}, example {number + 1}", "exec"), {})


def test_every_example_states_what_it_shows() -> None:
    assert len(BLOCKS) >= 20
    assert all("assert " in block or ">>>" in block for block in BLOCKS)


def test_no_public_name_is_also_a_module() -> None:
    """Importing such a module first would put it in place of the function."""
    assert not MODULES & set(pipelines.stats.__all__)


def test_every_public_statistic_has_an_example_and_a_full_docstring() -> None:
    for name, module in pipelines.stats._EXPORTS.items():
        if module not in STATISTICS:
            continue
        public = getattr(pipelines.stats, name)
        assert f"`{name}(" in TEXT, name
        text = inspect.getdoc(public) or ""
        for heading in ("Args", "Source", "Raises", "Example"):
            assert re.search(rf"^[\w, ]*{heading}", text, re.MULTILINE), (name, heading)
