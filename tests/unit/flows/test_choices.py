"""What Prefect's page offers comes from the register; a register that cannot be read takes only the offer away."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from flows import choices


def test_areas_are_offered_by_name_and_given_by_name_or_code() -> None:
    takes = TypeAdapter(choices.AreaChoice | choices.AreaCode)
    assert choices.area_code(takes.validate_python("31 Daerah Khusus Ibukota Jakarta")) == "31"
    assert choices.area_code(takes.validate_python("317106")) == "317106"
    with pytest.raises(ValidationError):
        takes.validate_python("../31")
    offered = takes.json_schema()["$defs"]["AreaChoice"]["enum"]
    assert offered[0] == "00 Indonesia" and len(offered) > 500 and offered == sorted(offered)


def test_elections_are_those_of_the_register() -> None:
    assert next(one.value for one in choices.ElectionChoice) == choices.ALL
    assert choices.chosen(choices.ElectionChoice("pilkada-2024")) == "pilkada-2024"
    assert choices.chosen(choices.ElectionChoice(choices.ALL)) == choices.chosen(choices.NONE) == ""


@pytest.mark.parametrize(
    "content", [None, b"", b"\xff\xfe", b"a,b\n1,2\n", b'"', b"area_code,level\n../x,province\n"]
)
def test_a_broken_register_leaves_the_nation(tmp_path: Path, content: bytes | None) -> None:
    folder = tmp_path / "data" / "raw" / "register"
    folder.mkdir(parents=True)
    for name in ("areas.csv", "elections.csv"):
        if content is not None:
            (folder / name).write_bytes(content)
    assert choices._areas(tmp_path) == {"00": "Indonesia"}
    assert choices._elections(tmp_path) == []
