"""`titikrawan acquire`: what it says and how it ends."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from pipelines.acquire.summary import Summary, lines
from pipelines.cli.main import build, main
from pipelines.cli.progress import AcquireProgress
from pipelines.sources import verify
from tests.support import published as server
from tests.support.published import Published, result_address, serving

Answer = tuple[int, str, str]
FAST = ["--rate", "2000", "--no-prefect"]


@pytest.fixture
def titikrawan(
    published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Answer]:
    (tmp_path / "data/raw").mkdir(parents=True)
    monkeypatch.setenv("TITIKRAWAN_ROOT", str(tmp_path))
    monkeypatch.setenv("TITIKRAWAN_SIREKAP_BASE", published.base)
    monkeypatch.delenv("TITIKRAWAN_LANG", raising=False)

    def call(*words: str) -> Answer:
        with pytest.raises(SystemExit) as end:
            main(["acquire", *words])
        out, err = capsys.readouterr()
        return int(end.value.code or 0), out, err

    return call


def test_complete_download_ends_with_0_and_a_summary(titikrawan, tmp_path: Path) -> None:
    code, out, _ = titikrawan("sirekap-2024", "--area", "3171", *FAST)
    assert code == 0
    assert "Hasil TPS: baru 8, muncul kemudian 0, berubah 0, tetap 0, tidak ada 1" in out
    assert "Lengkap." in out
    folder = tmp_path / "data/raw/sirekap_json"
    assert verify(folder) == []
    package = json.loads((folder / "datapackage.json").read_text())
    assert [r["path"] for r in package["resources"]] == [
        "manifest-ppwp-3171.csv.gz",
        "manifest-wilayah.csv.gz",
    ]


def test_it_speaks_english(titikrawan) -> None:
    code, out, _ = titikrawan("sirekap-2024", "--area", "317101", "--lang", "en", *FAST)
    assert (code, "Results of polling stations: new 5" in out) == (0, True)


def test_second_download_changes_no_byte_of_the_inputs(titikrawan, tmp_path: Path) -> None:
    from pipelines.jobs.fingerprints import read_inputs

    titikrawan("sirekap-2024", "--area", "31", *FAST)
    before = read_inputs(tmp_path / "data" / "raw").digest
    code, out, _ = titikrawan("sirekap-2024", "--area", "31", *FAST)
    assert (code, "tetap 11" in out) == (0, True)
    assert read_inputs(tmp_path / "data" / "raw").digest == before


def test_something_owed_ends_with_3_and_says_what(titikrawan, published: Published) -> None:
    address = result_address("3171021002001")
    published.always[address] = server.status(403)
    code, out, _ = titikrawan("sirekap-2024", "--area", "3171", *FAST)
    assert code == 3
    assert f"gagal {address}: status 403" in out
    assert "1 alamat belum terjawab" in out

    published.always.clear()
    assert titikrawan("sirekap-2024", "--area", "3171", *FAST)[0] == 0


def test_unreachable_server_ends_with_3(titikrawan, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from pipelines.acquire import Settings

    with serving({}) as gone:
        base = gone.base
    quick = Settings.of
    monkeypatch.setattr(
        Settings, "of", lambda base, **options: replace(quick(base, **options), attempts=2, backoff=0.01)
    )
    code, _, err = titikrawan("sirekap-2024", "--area", "3171", "--base", base, *FAST)
    assert code == 3
    assert "tidak dapat diperoleh" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sirekap-2031", "--area", "3171"], "tidak dikenal; yang ada: sirekap-2024"),
        (["sirekap-2024"], "Wilayah belum disebut"),
        (["sirekap-2024", "--area", "Jakarta"], "bukan kode wilayah"),
        (["sirekap-2024", "--area", "3171011001001"], "bukan kode wilayah"),
        (["sirekap-2024", "--area", "3179"], "Yang ada: 3171, 3172"),
        (["sirekap-2024", "--area", "3171019999"], "Yang ada: 3171011001, 3171011002"),
        (["sirekap-2024", "--area", "3171", "--contest", "dprd"], "dprd tidak dikenal"),
        (["sirekap-2024", "--area", "3171", "--base", "ftp://x"], "bukan http(s)://host"),
        (
            ["sirekap-2024", "--area", "3171", "--base", "http://a:secret@x"],
            "tidak boleh memuat nama pengguna",
        ),
        (["sirekap-2024", "--area", "3171", "--rate", "0"], "--rate"),
        (["sirekap-2024", "--area", "3171", "--concurrency", "0"], "--concurrency"),
        (["sirekap-2024", "--area", "3171", "--runner", "ray"], "--runner"),
    ],
)
def test_wrong_use_ends_with_2_and_says_why(titikrawan, words: list[str], said: str) -> None:
    code, _, err = titikrawan(*FAST, *words)  # the later --rate counts
    assert (code, said in err) == (2, True), err


def test_base_address_is_configuration_only(titikrawan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TITIKRAWAN_SIREKAP_BASE")
    code, _, err = titikrawan("sirekap-2024", "--area", "3171", *FAST)
    assert (code, "TITIKRAWAN_SIREKAP_BASE" in err) == (2, True)


@pytest.mark.parametrize("lang", ["id", "en"])
def test_every_option_is_explained(lang: str) -> None:
    command = build(lang).waiting["acquire"][1]()
    assert all(getattr(p, "help", None) for p in command.params if p.param_type_name == "option")


def test_summary_shortens_long_lists_of_failures() -> None:
    total = Summary()
    for n in range(50):
        one = Summary()
        one.fail(f"/{n}.json", "status 500")
        total.add(one)
    text = [line["en"] for line in lines(total)]
    assert sum("failed /" in line for line in text) == 20
    assert "50 addresses are still owed" in text[-1]


def test_progress_is_drawn_on_a_terminal_and_only_there() -> None:
    def draw(terminal: bool) -> str:
        page = io.StringIO()
        with AcquireProgress("en", Console(file=page, force_terminal=terminal, width=120)) as progress:
            summary = Summary()
            progress("parts", 2, summary)
            progress("villages", 4, summary)
            summary.results["new"] = 7
            progress("village", 1, summary)
            progress("part", 1, summary)
        return page.getvalue()

    drawn = draw(terminal=True)
    assert "1/4" in drawn
    assert "1/2 regencies, 7 results, 0 failed" in drawn
    assert draw(terminal=False) == ""
