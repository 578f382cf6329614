"""A language that nobody speaks, added by one folder of messages and one row of vocabulary."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from click.testing import CliRunner

from pipelines.catalog import translations
from pipelines.catalog.vocabulary import LANGUAGES, Language
from tests.support.invented import fill

MARK = "¤"


@pytest.fixture
def xx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The language `xx`: English with a mark in front of every message; Indonesian and English as they are."""
    locale = tmp_path / "locale"
    shutil.copytree(translations.LOCALE, locale)
    (locale / "xx").mkdir()
    for path in sorted((locale / "id").glob("*.po")):
        lines = ['msgid ""', 'msgstr "Plural-Forms: nplurals=2; plural=n != 1;\\n"', ""]
        for entry in translations.read_po(path):
            if not entry.key or entry.key == "cli.no_releases":  # one gap, which English fills
                continue
            said = [quoted(MARK + form) for form in entry.source]
            lines += [f'msgctxt "{entry.key}"', f"msgid {quoted(entry.source[0])}"]
            if len(said) > 1:
                lines += [
                    f"msgid_plural {quoted(entry.source[1])}",
                    f"msgstr[0] {said[0]}",
                    f"msgstr[1] {said[1]}",
                ]
            else:
                lines.append(f"msgstr {said[0]}")
            lines.append("")
        (locale / "xx" / path.name).write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(translations, "LOCALE", locale)
    monkeypatch.setitem(LANGUAGES, "xx", Language("Invented", "en_GB", decimal=".", separator=","))
    forget()
    yield "xx"
    monkeypatch.undo()
    forget()


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def forget() -> None:
    """Let declarations be read again: whoever asked before has them in two languages only."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("pipelines.catalog", "pipelines.reporting")):
            for found in list(vars(module).values()):
                if callable(clear := getattr(found, "cache_clear", None)):
                    clear()


def test_help_speaks_it(xx: str) -> None:
    from pipelines.cli.main import build, language

    assert language(["--lang", "xx"]) == "xx"
    found = CliRunner().invoke(build(xx), ["quarantine", "--help"])
    assert found.exit_code == 0
    assert f"{MARK}Show rows that were quarantined" in found.output
    assert f"{MARK}Only this file." in found.output


def test_checks_and_quarantine_speak_it_from_the_row_to_the_screen(
    xx: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines import catalog
    from pipelines.cli.main import build
    from pipelines.quality import validate

    table = catalog.table("ref.provisions")
    raw = Path(__file__).resolve().parents[3] / "data/raw/register/provisions.csv"
    text = pd.read_csv(raw, dtype=str, keep_default_na=False)
    text = text.assign(source_file="register/provisions.csv", source_row=range(2, len(text) + 2))
    text.loc[0, "order"] = "one"
    found = validate(table, text, {})
    said = found.problems["message_xx"].tolist()
    assert said == [
        f"{MARK}register/provisions.csv, line 2, column order: 'one': {MARK}not {MARK}a whole number like 1234; "
        f"{MARK}Write {MARK}a whole number like 1234, or leave the cell empty if it is not known."
    ]
    assert all(MARK in message for message in found.checks["message_xx"])
    folder = tmp_path / "data" / "warehouse" / "last_attempt"
    folder.mkdir(parents=True)
    (tmp_path / "data" / "raw").mkdir()
    found.problems.to_parquet(folder / "quarantine.parquet")
    found.checks.to_parquet(folder / "checks.parquet")
    monkeypatch.setenv("TITIKRAWAN_ROOT", str(tmp_path))
    assert said[0] in CliRunner().invoke(build(xx), ["quarantine"]).output
    assert f"{MARK}1 values that are not integer" in CliRunner().invoke(build(xx), ["check"]).output
    assert CliRunner().invoke(build(xx), ["releases"]).output.startswith("There is no release yet")  # the gap


@pytest.mark.slow
def test_a_report_page_speaks_it(xx: str, tmp_path: Path) -> None:
    from pipelines.reporting.site.render import render

    with duckdb.connect() as con:
        fill(con)
        written = render(con, "3171", xx, tmp_path, ("html",), ("id", "en", "xx"))
    page = written[0].read_text(encoding="utf-8")
    assert '<html lang="xx"' in page
    assert f"{MARK}Evaluation of the three zeros" in page
    assert ">Invented</span>" in page and ">Bahasa Indonesia</a>" in page
    assert "re-vote" in page  # words that only declarations give stay English
