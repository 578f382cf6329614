"""schedules.yaml is data: what is declared is what a server gets, and mistakes say what to change."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flows.schedules import ScheduleError, read_schedules
from tests.support.process import run_program


def write(folder: Path, text: str) -> Path:
    path = folder / "schedules.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_schedules_of_the_project_run_on_jakarta_time() -> None:
    schedules = read_schedules()
    assert {schedule.timezone for schedule in schedules} == {"Asia/Jakarta"}
    assert any(schedule.active for schedule in schedules)
    assert all(schedule.title["id"] != schedule.title["en"] for schedule in schedules)


def test_one_entry_becomes_one_schedule_of_the_deployment(tmp_path: Path) -> None:
    from flows.deploy import deployment

    path = write(
        tmp_path,
        """
- {name: nightly, cron: "15 3 * * *"}
- {name: hourly, cron: "0 * * * *", active: false, parameters: {areas: ["31"], langs: [id, en]}}
- {name: makassar, cron: "0 5 * * *", timezone: Asia/Makassar}
""",
    )
    made = deployment(read_schedules(path))
    assert [
        (s.slug, s.schedule.cron, s.schedule.timezone, s.active, s.parameters) for s in made.schedules
    ] == [
        ("nightly", "15 3 * * *", "Asia/Jakarta", True, {}),
        ("hourly", "0 * * * *", "Asia/Jakarta", False, {"areas": ["31"], "langs": ["id", "en"]}),
        ("makassar", "0 5 * * *", "Asia/Makassar", True, {}),
    ]
    assert made.entrypoint == "flows.refresh.refresh"
    assert made.concurrency_limit == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "at least one entry"),
        ("- [1]", "entry 1: expected keys"),
        ("- {name: a, cron: '* * * * *', every: 5}", "unknown key every"),
        ("- {name: Tiap Malam, cron: '* * * * *'}", "lower-case"),
        ("- {name: a}", "five fields"),
        ("- {name: a, cron: 15 3 * *}", "five fields"),
        ("- {name: a, cron: '61 3 * * *'}", "five fields"),
        ("- {name: a, cron: '* * * * *', timezone: WIB}", "unknown timezone 'WIB'"),
        ("- {name: a, cron: '* * * * *', active: kadang}", "true or false"),
        ("- {name: a, cron: '* * * * *', parameters: {areas: [31]}}", "list of texts in quotes"),
        ("- {name: a, cron: '* * * * *', parameters: {area: '31'}}", "parameters may be areas"),
        ("- {name: a, cron: '* * * * *'}\n- {name: a, cron: '0 * * * *'}", "used twice: a"),
        ("- {name: a, cron: '", "not valid YAML"),
    ],
)
def test_mistake_in_schedules_names_entry_and_remedy(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ScheduleError, match=message):
        read_schedules(write(tmp_path, text))


def test_missing_schedule_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScheduleError, match=r"nowhere\.yaml: cannot be read"):
        read_schedules(tmp_path / "nowhere.yaml")


def deploy(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run_program([sys.executable, "-m", "flows.deploy", *arguments])


@pytest.mark.parametrize(
    ("arguments", "words"), [((), ("contoh:", "pilihan")), (("--lang", "en"), ("examples:", "options"))]
)
def test_help_has_examples_in_both_languages(arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    done = deploy("--help", *arguments)
    assert done.returncode == 0
    assert all(word in done.stdout for word in words)


def test_help_does_not_import_prefect() -> None:
    code = (
        "import sys, flows.deploy\n"
        "try: flows.deploy.main(['--help'])\n"
        "except SystemExit: pass\n"
        "sys.exit('prefect' in sys.modules)"
    )
    assert run_program([sys.executable, "-c", code]).returncode == 0


def test_check_shows_schedules_and_refuses_a_bad_file(tmp_path: Path) -> None:
    good = deploy("--check", "--lang", "en")
    assert good.returncode == 0
    assert "nightly" in good.stdout
    bad = deploy("--check", "--schedules", str(write(tmp_path, "- {name: a, cron: never}")))
    assert bad.returncode == 2
    assert "lima bidang" in bad.stderr


def test_the_page_offers_choices_and_takes_what_schedules_say() -> None:
    from flows.refresh import refresh
    from pipelines.catalog.vocabulary import LANGS, RUNNERS

    schema = str(refresh.parameters.model_dump())
    assert all(f"'{one}'" in schema for one in (*LANGS, *RUNNERS))
    taken = refresh.validate_parameters({"langs": ["id"], "runner": "dask", "areas": ["31"]})
    assert (taken["langs"][0].value, taken["runner"].value) == ("id", "dask")
    with pytest.raises(Exception, match="langs"):
        refresh.validate_parameters({"langs": ["xx"]})
