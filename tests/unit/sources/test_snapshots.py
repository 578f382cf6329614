"""Several scrapes of one source: the newest state is used, older ones are superseded and count for no threshold."""

from __future__ import annotations

from pathlib import Path

from pipelines.sources import sirekap_json
from tests.support.forms_cases import answer, path_of, problems, typed, validated, write_zip

STATION = path_of("3171011001001")


def scrape(folder: Path, name: str, ts: str, **changes: object) -> None:
    area = {"ts": ts, "chart": {"100025": changes.get("n", 1), "persen": 50.0}}
    members = {
        STATION: answer(ts=ts, chart={"100025": changes.get("n", 80)}),
        "pemilu/hhcw/ppwp/31.json": area,
    }
    write_zip(folder / name, members)


def read(folder: Path, out: Path):
    out.mkdir()
    texts = [text for text, _ in sirekap_json.read_forms(folder, out)]
    return validated(texts, out), list(sirekap_json.read(folder))


def test_newest_state_of_a_station_and_of_an_area_is_used(tmp_path: Path) -> None:
    for name, ts, n in (
        ("a.zip", "2024-02-16 10:00:00", 1),
        ("b.zip", "2024-02-20 10:00:00", 3),
        ("c.zip", "2024-02-18 10:00:00", 2),
    ):
        scrape(tmp_path / "in", name, ts, n=n)
    found, (areas,) = read(tmp_path / "in", tmp_path / "out")
    assert typed(tmp_path / "out")["source_file"].tolist() == ["in/b.zip"]
    said = problems(found)
    assert said["rule"].tolist() == ["superseded"] * 2 and set(said["source_file"]) == {
        "in/a.zip",
        "in/c.zip",
    }
    assert all("in/b.zip" in text for text in said["message_en"])
    assert found[0].failed["core.result"]["superseded"] == 2
    assert found[0].failed["core.result"]["unique(election_id, contest, tps_id)"] == 0
    assert areas.frame["votes"].tolist() == ["3"] and areas.problems["rule"].tolist() == ["superseded"] * 2


def test_what_changed_from_copy_to_copy_is_an_edit_in_utc(tmp_path: Path) -> None:
    for name, ts, n in (
        ("a.zip", "2024-02-16 10:00:00", 1),
        ("b.zip", "2024-02-20 10:00:00", 3),
        ("c.zip", "2024-02-18 10:00:00", 3),
        ("d.zip", "2024-02-22 10:00:00", None),
    ):
        scrape(tmp_path / "in", name, ts, n=n)
    found, _ = read(tmp_path / "in", tmp_path / "out")
    columns = ["tps_id", "field", "change", "before", "after", "source_file"]
    edits = found[0].edits
    first, last = ["3171011001001", "votes.pair.100025", "edited", "1", "3", "in/c.zip"], "withdrawn"
    assert edits[columns].iloc[0].tolist() == first
    assert [str(moment) for moment in edits[["first_seen", "changed_at"]].iloc[0]] == [
        "2024-02-16 03:00:00", "2024-02-18 03:00:00",
    ]  # fmt: skip
    # The second and third copy agree; the fourth has lost its votes.
    assert {*edits["change"].iloc[1:]} == {last} and {*edits["source_file"].iloc[1:]} == {"in/d.zip"}


def test_states_of_the_same_time_that_differ_are_a_conflict(tmp_path: Path) -> None:
    for name, n in (("a.zip", 1), ("b.zip", 2), ("c.zip", 2)):
        scrape(tmp_path / "in", name, "2024-02-16 10:00:00", n=n)
    found, (areas,) = read(tmp_path / "in", tmp_path / "out")
    assert set(problems(found)["rule"]) == {"conflicting_duplicate"} and not len(typed(tmp_path / "out"))
    assert len(areas.frame) == 3


def test_the_same_state_twice_is_a_repetition(tmp_path: Path) -> None:
    for name, ts in (
        ("a.zip", "2024-02-16 10:00:00"),
        ("b.zip", "2024-02-16 10:00:00"),
        ("c.zip", "2024-02-15 10:00:00"),
    ):
        scrape(tmp_path / "in", name, ts, n=1)
    found, _ = read(tmp_path / "in", tmp_path / "out")
    assert sorted(problems(found)["rule"]) == ["duplicate_row", "superseded"]
    assert typed(tmp_path / "out")["source_file"].tolist() == ["in/a.zip"]
