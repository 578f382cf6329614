"""Commands for offices' workbooks: `template` writes them, `add kejadian …` reads them."""

from __future__ import annotations

from pathlib import Path

from pipelines.catalog.messages import DATA_REFUSED, speak_in
from pipelines.cli.answers import answers, complain, tell


@answers
def template(root: Path, lang: str, folder: Path, is_practice: bool = False) -> int:
    """Write one workbook per kind into a folder, or create a practice folder."""
    from pipelines.workbooks.practice import write_practice
    from pipelines.workbooks.register import read_register
    from pipelines.workbooks.template import write_templates

    if is_practice:
        for path in write_practice(folder, root / "data" / "raw" / "register"):
            tell(speak_in(lang)("cli.practice_written", path=path, folder=folder, name=path.name))
        return 0
    for path in write_templates(folder, read_register(root / "data" / "raw" / "register"), lang):
        tell(speak_in(lang)("cli.written", path=path))
    return 0


@answers
def office(root: Path, lang: str, areas: tuple[str, ...], workbook: str, name: str) -> int:
    """Declare the areas an office is responsible for; without areas, list the declarations."""
    from pipelines.jobs.offices import declare, offices

    say = speak_in(lang)
    rows = declare(root, areas, workbook, name) if areas else offices(root)
    for row in rows:
        tell(
            say(
                "cli.office_row",
                workbook=row["workbook"] or "*",
                code=row["area_code"],
                name=row["office_name"],
            )
        )
    if not rows:
        tell(say("cli.no_office"))
    return 0


def add_workbook(root: Path, lang: str, kind: str, path: Path, election: str, area: str) -> int:
    """Import a workbook; exit code 1 if rows were rejected (a marked copy is then written beside it)."""
    from pipelines.jobs.offices import offices
    from pipelines.jobs.own import take

    say = speak_in(lang)
    taken = take(root, path, kind, election, area, lang)
    found = taken.reading
    tell(say("workbooks.summary_counts", read=found.n_read, kept=len(found.rows), refused=found.n_refused))
    for passed in found.passed:
        place = f"{passed.sheet}:{passed.row}" if passed.row else passed.sheet
        tell(f"  {place}: {passed.what}: {passed.said[lang]}")
    if taken.n_replaced:
        tell(say("cli.rows_replaced", n=taken.n_replaced))
    if taken.file:
        tell(say("cli.written", path=taken.file.relative_to(root)))
    if found.rows and not offices(root):
        tell(say("cli.no_office"))
    for problem in found.problems[:20]:
        complain(f"  {problem.sheet}:{problem.row}: {problem.said[lang]}")
    if taken.marked:
        complain(say("cli.marked", path=taken.marked))
    return DATA_REFUSED if found.problems else 0
