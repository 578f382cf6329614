"""Mapped runs whose parts lie in an S3-compatible store, over HTTP: same bytes, nothing twice, clear refusals."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from pipelines.catalog import table
from pipelines.cli import commands
from pipelines.cli.main import main
from pipelines.jobs.forms import old_runs, partitioned, tasks
from pipelines.jobs.run import STEPS, Run
from pipelines.storage import SharedStorage, StorageError, without_secrets
from tests.conftest import ROOT
from tests.support.forms_runs import Plain, differing, parquet, planned, until_export
from tests.support.object_store import BUCKET, NEEDED, Store, buckets, keys, user
from tests.support.process import run_program

pytestmark = pytest.mark.flows
NEXT_RUN = "2030-01-01-0123456789ab"


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Store], Store]]:
    """Put credentials into the environment; fsspec keeps connections, so that old ones must go."""
    import s3fs

    def become(store: Store) -> Store:
        for name, value in store.environment().items():
            monkeypatch.setenv(name, value)
        s3fs.S3FileSystem.clear_instance_cache()
        return store

    yield become
    s3fs.S3FileSystem.clear_instance_cache()


def results(run: Run) -> list[tuple[object, ...]]:
    with duckdb.connect(str(run.database), read_only=True) as con:
        return con.execute("select * from core.result order by all").fetchall()


def test_same_bytes_no_part_twice_and_nothing_left_when_it_is_over(
    plain: Plain,
    store: Store,
    use: Callable[[Store], Store],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use(store)
    checked: list[int] = []
    audited: list[int] = []
    validate, create = tasks.validate_forms, tasks.create_form_tables
    monkeypatch.setattr(tasks, "validate_forms", lambda *a: checked.append(1) or validate(*a))
    monkeypatch.setattr(tasks, "create_form_tables", lambda *a: audited.append(1) or create(*a))

    first = replace(planned(tmp_path / "first", plain.raw), runner="threads", place="s3://bucket/kept")
    until_export(first)
    assert differing(parquet(first), plain.parquet) == []
    left = keys(store, f"kept/{first.id}/")
    assert sum(name.endswith("/found.json") for name in left) == 7
    # kept/<run>/audit/<election>/<province>.parquet
    assert len(audited) == sum("/audit/" in name and name.count("/") == 4 for name in left) > 1
    assert len(checked) >= 7

    # Another machine goes on: one part is missing, and it alone is done again.
    SharedStorage(old_runs.place_of(first)).remove("parts/sirekap_json-00001/found.json")
    checked.clear()
    audited.clear()
    second = replace(planned(tmp_path / "second", plain.raw), runner="threads", place="s3://bucket/kept")
    assert second.id == first.id
    for step in STEPS[:3]:
        step.function(second)
    assert results(second) == results(first) != []
    with duckdb.connect(str(first.database), read_only=True) as con:
        assert partitioned.audited(first, con, table(partitioned.AUDIT))
    assert (len(checked), len(audited)) == (1, 0)
    assert keys(store, f"kept/{first.id}/") == left

    # What is left stays until the next run is published; then all of it goes.
    assert old_runs.finish(second) == []
    assert keys(store, f"kept/{first.id}/") == left
    assert old_runs.finish(replace(second, id=NEXT_RUN)) == [first.id]
    assert keys(store, "kept/") == [f"kept/{NEXT_RUN}/{old_runs.MARKER}"]


REFUSED = {"id": "Akses ke tempat s3://bucket/no ditolak.", "en": "The place s3://bucket/no refuses access."}
CASES: dict[str, tuple[str, dict[str, str], dict[str, str]]] = {
    "secret": ("s3://bucket/no", {"secret": "not-the-secret"}, REFUSED),
    "key": ("s3://bucket/no", {"key": "AKIANOTTHEKEY0000000"}, REFUSED),
    "bucket": (
        "s3://not-there/no",
        {},
        {"id": "Tempat s3://not-there/no tidak ada.", "en": "The place s3://not-there/no is not there."},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_store_that_refuses_fails_the_run_before_it_reads(
    server: str,
    store: Store,
    use: Callable[[Store], Store],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    case: str,
) -> None:
    from flows.refresh import run_refresh

    address, changed, expected = CASES[case]
    asked = use(replace(store, **changed))
    run = Run("2029-01-01-00000000000a", "f" * 64, tmp_path, runner="threads", place=address)
    with caplog.at_level(logging.INFO), pytest.raises(StorageError) as caught:
        run_refresh(run)
    assert {lang: expected[lang] in text for lang, text in caught.value.message.items()} == dict.fromkeys(
        expected, True
    )
    told = "".join((*capfd.readouterr(), caplog.text, repr(caught.value), *caught.value.message.values()))
    for secret in (asked.secret, asked.key, store.secret, store.key):
        assert secret not in told
    assert keys(store, "no/") == [] and buckets(store) == [BUCKET]
    assert not run.work.exists()


def arguments(lang: str, place: str) -> tuple[str, ...]:
    return ("run", "--lang", lang, "--runner", "threads", "--place", place)


def test_the_command_says_it_without_a_traceback(server: str, store: Store, tmp_path: Path) -> None:
    address, changed, expected = CASES["secret"]
    asked = replace(store, **changed)
    (tmp_path / "data" / "raw").mkdir(parents=True)
    environment = {**os.environ, **asked.environment(), "TITIKRAWAN_ROOT": str(tmp_path)}
    done = run_program(
        (sys.executable, "-m", "pipelines.cli.main", *arguments("id", address)),
        environment | {"PREFECT_API_URL": server, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == commands.ENVIRONMENT
    assert done.stderr.startswith(expected["id"]), done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not any(secret in done.stdout + done.stderr for secret in (asked.secret, asked.key, store.secret))


def test_the_command_says_it_in_the_other_language_too(
    server: str,
    store: Store,
    use: Callable[[Store], Store],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    address, changed, expected = CASES["bucket"]
    use(replace(store, **changed))
    (tmp_path / "data" / "raw").mkdir(parents=True)
    monkeypatch.setenv("TITIKRAWAN_ROOT", str(tmp_path))
    monkeypatch.setenv("PREFECT_API_URL", server)
    with pytest.raises(SystemExit) as ended:
        main(list(arguments("en", address)))
    assert ended.value.code == commands.ENVIRONMENT
    out, err = capfd.readouterr()
    assert expected["en"] in err and "Traceback" not in out + err
    assert not any(secret in out + err for secret in (store.secret, store.key))


def test_a_bucket_that_is_not_there_is_not_made(store: Store, use: Callable[[Store], Store]) -> None:
    """By someone who may: s3fs makes buckets where a folder is asked for."""
    use(user(store, "maker", (*NEEDED, "s3:CreateBucket")))
    with pytest.raises(StorageError, match="is not there"):
        SharedStorage("s3://misspelt/parts").put_json(1, "a/b.json")
    with pytest.raises(StorageError, match="is not there"):
        SharedStorage("s3://misspelt/downloads").write("a/b.json", b"1")
    assert buckets(store) == [BUCKET]
    SharedStorage("s3://bucket/downloads").write("a/b.json", b"1")
    assert SharedStorage("s3://bucket/downloads").read("a/b.json") == b"1"


def test_credentials_lost_under_way_say_which_place_and_nothing_secret(
    store: Store, use: Callable[[Store], Store], tmp_path: Path
) -> None:
    use(store)
    place = SharedStorage("s3://bucket/lost")
    place.put_json({"n": 1}, "a/b.json")
    use(replace(store, secret="expired-secret"))
    place = SharedStorage("s3://bucket/lost")
    calls: list[Callable[[], object]] = [
        lambda: place.get("a/b.json", tmp_path),
        lambda: place.get_json("a/b.json"),
        lambda: place.has("a/b.json"),
        lambda: place.folders(),
        lambda: place.remove("a"),
    ]
    for call in calls:
        with pytest.raises(StorageError, match=r"s3://bucket/lost refuses access") as caught:
            call()
        assert "expired-secret" not in f"{caught.value!r} {caught.value}"
    assert keys(store, "lost/") == ["lost/a/b.json"]


@pytest.mark.parametrize(
    ("address", "kind", "code"), [("nothing-known://x/y", "address", 2), ("file:///dev/null/x", "failed", 3)]
)
def test_other_places_that_do_not_work(address: str, kind: str, code: int) -> None:
    with pytest.raises(StorageError) as caught:
        SharedStorage(address).put_json(1, "a.json")
    assert (caught.value.exit_code, set(caught.value.message)) == (code, {"id", "en"})
    assert all(address in text for text in caught.value.message.values())


def test_an_error_comes_back_whole_from_a_worker() -> None:
    import pickle

    error = StorageError("refused", "s3://bucket/parts", "PermissionError")
    again = pickle.loads(pickle.dumps(error))
    assert (again.message, again.exit_code, str(again)) == (error.message, 3, error.message["en"])


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("s3://bucket/a/b", "s3://bucket/a/b"),
        ("ftp://me:se@cret@host/a@b", "ftp://host/a@b"),
        ("https://host/a?signature=secret", "https://host/a"),
        ("/mnt/shared/a@b", "/mnt/shared/a@b"),
    ],
)
def test_messages_show_an_address_without_its_password(address: str, expected: str) -> None:
    assert without_secrets(address) == expected
