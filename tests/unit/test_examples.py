"""Examples in docstrings give what they say."""

from __future__ import annotations

import doctest
from importlib import import_module

from tests.conftest import ROOT


def test_every_example_gives_what_it_says() -> None:
    n_examples = 0
    for top in ("pipelines", "titikrawan", "flows"):
        for path in sorted((ROOT / top).rglob("*.py")):
            if ">>> " not in path.read_text(encoding="utf-8"):
                continue
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            found = doctest.testmod(import_module(name))
            assert found.failed == 0, name
            n_examples += found.attempted
    assert n_examples > 50
