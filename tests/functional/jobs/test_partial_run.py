"""A run of some tables makes these and what they need, with the same rows, and never becomes the release."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines import catalog
from pipelines.catalog import CatalogError
from pipelines.jobs import run as job
from pipelines.jobs.steps import publish
from pipelines.warehouse.read import open_readonly
from tests.support.builds import copy_inputs

ONLY = ("mart.disputes",)


def test_a_table_needs_what_it_refers_to_and_what_its_module_reads() -> None:
    assert catalog.needed(["ref.elections"]) == {"ref.elections"}
    disputes = catalog.needed(ONLY)
    assert {"mart.disputes", "core.dispute_case", "ref.areas", "ref.elections"} <= disputes
    assert not any(name.startswith("core.tps") for name in disputes)
    # Tables of one module come together, and so do those of the result forms.
    assert {"mart.persistence", "mart.propensity"} <= catalog.needed(["mart.persistence"])
    assert {"core.tps", "core.vote", "core.upload"} <= catalog.needed(["core.result"])
    with pytest.raises(CatalogError, match=r"mart\.nothing"):
        catalog.needed(["mart.nothing"])


def test_partial_run_makes_equal_rows_and_is_never_published(tmp_path: Path, register_run) -> None:
    copy_inputs(tmp_path)
    run = job.plan(tmp_path, only=ONLY)
    assert run is not None
    assert [done.name for done in job.run_all(run)][-1] == "export"
    with open_readonly(run.database) as part, open_readonly(register_run.database) as whole:
        names = "select schema_name || '.' || table_name from duckdb_tables()"
        made = {name for (name,) in part.execute(names).fetchall()}
        assert made == {t.full_name for t in catalog.load() if t.layer == "meta"} | catalog.needed(ONLY)
        rows = "select * from mart.disputes order by all"
        assert part.execute(rows).fetchall() == whole.execute(rows).fetchall() != []
        read = "select source_file, n_read, n_kept from meta.inputs where n_read is not null order by 1"
        assert set(part.execute(read).fetchall()) < set(whole.execute(read).fetchall())
    with pytest.raises(ValueError, match="never published"):
        publish.step(run)
    assert not (tmp_path / "data" / "warehouse" / "titikrawan.duckdb").exists()
