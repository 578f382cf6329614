"""Register the outputs of a run as Prefect assets with their lineage: inputs, warehouse, Parquet, reports."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from prefect.assets import Asset, AssetProperties, materialize
from prefect.cache_policies import NO_CACHE

from pipelines.catalog.messages import Message
from pipelines.jobs.run import Run
from pipelines.warehouse import releases

SCHEME = "titikrawan://"
log = logging.getLogger(__name__)


def leave_assets(run: Run, lang: str) -> None:
    """Register the parts of the published release; a failure here does not fail the run."""
    release = releases.served(run.root / "data" / "warehouse")
    if release is None:
        return
    for made, rests_on, about in _made(run, release, lang):
        try:
            note = materialize(
                made, asset_deps=list(rests_on), by="titikrawan", name=f"asset {made.key.removeprefix(SCHEME)}",
                cache_policy=NO_CACHE, persist_result=False,
            )(_note)  # fmt: skip
            note(made, about)
        except Exception as error:
            log.warning("asset %s not noted (%s)", made.key, type(error).__name__)


def _note(made: Asset, about: Mapping[str, Any]) -> None:
    made.add_metadata(dict(about))


def _made(
    run: Run, release: releases.Release, lang: str
) -> Iterator[tuple[Asset, tuple[Asset, ...], dict[str, Any]]]:
    """Yield each output, its inputs, and facts about it, in dependency order."""
    about: dict[str, Any] = {"release": release.id, "data_date": run.data_date}
    warehouse = _asset(
        "warehouse", release.database.resolve().as_uri(), Message("flows.asset_warehouse")[lang]
    )
    if not run.built:
        raw = run.root / "data" / "raw"
        inputs = tuple(
            _asset(
                f"raw/{path.name}", path.resolve().as_uri(), Message("flows.asset_raw", name=path.name)[lang]
            )
            for path in sorted(raw.iterdir())
            if path.is_dir() and not path.name.startswith(".")
        )
        size = release.database.stat().st_size
        yield warehouse, inputs, {**about, "fingerprint": run.fingerprint, "bytes": size}
        folder = release.folder / "parquet"
        parquet = _asset("parquet", folder.resolve().as_uri(), Message("flows.asset_parquet")[lang])
        yield (
            parquet,
            (warehouse,),
            {**about, "files": sum(one.is_file() for one in folder.rglob("*.parquet"))},
        )
    if release.pages is not None:
        index = release.pages / "index.html"
        reports = _asset("reports", index.resolve().as_uri(), Message("flows.asset_reports")[lang])
        n_pages = sum(1 for one in release.pages.glob("*.html"))
        yield (
            reports,
            (warehouse,),
            {**about, "areas": list(run.areas), "langs": list(run.langs), "pages": n_pages},
        )


def _asset(name: str, url: str, description: str) -> Asset:
    return Asset(key=SCHEME + name, properties=AssetProperties(name=name, url=url, description=description))
