"""The command `titikrawan …`. Starts fast: nothing heavy is imported before a command needs it.

Exit codes: 0 done or nothing to do, 1 data refused, 2 usage, 3 environment.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from pipelines.catalog.messages import speak_in
from pipelines.catalog.vocabulary import EXPORT_FORMATS, LANGUAGES, RUNNERS
from pipelines.cli.answers import tell


def find_root() -> Path:
    """Return the project folder: `TITIKRAWAN_ROOT`, else the nearest parent folder that holds data/raw."""
    if named := os.environ.get("TITIKRAWAN_ROOT"):
        return Path(named).resolve()
    for start in (Path.cwd(), Path(__file__).parent):
        for folder in (start.resolve(), *start.resolve().parents):
            if (folder / "data" / "raw").is_dir():
                return folder
    return Path.cwd()


def language(arguments: Sequence[str]) -> str:
    """Return the language given anywhere on the command line, else TITIKRAWAN_LANG, else Indonesian."""
    for position, word in enumerate(arguments):
        if word == "--lang" and position + 1 < len(arguments) and arguments[position + 1] in LANGUAGES:
            return arguments[position + 1]
        if word.startswith("--lang=") and word[7:] in LANGUAGES:
            return word[7:]
    asked = os.environ.get("TITIKRAWAN_LANG", "id")
    return asked if asked in LANGUAGES else "id"


def _print_version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        from importlib.metadata import version

        tell(f"titik-rawan {version('titik-rawan')}")
        context.exit()


ASKED = "titikrawan.lang"


def _remember(context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Remember an explicitly requested language: reports are then built in that language only."""
    if value:
        context.meta[ASKED] = value
    return value


def _help(text: str) -> str:
    """Format help so that examples (paragraphs with indented lines) keep their line breaks."""
    return "\n\n".join(f"\b\n{part}" if "\n  " in part else part for part in text.split("\n\n"))


def _function(where: str) -> Callable[..., int]:
    """Return the function of a command, `module.name` in this package; its
    module is imported on the first call."""
    module, _, name = where.partition(".")
    found: Callable[..., int] = getattr(import_module(f"pipelines.cli.{module}"), name)
    return found


def report_in_asked_language(root: Path, lang: str, **values: Any) -> int:
    """Run `titikrawan report`, in one language only if that was requested explicitly."""
    from pipelines.cli.report import report

    asked = click.get_current_context().meta.get(ASKED)
    return report(root, lang, langs=(asked,) if asked else (), **values)


class Commands(click.Group):
    """Commands built lazily: the list of commands needs only their names and help."""

    waiting: dict[str, tuple[str, Callable[[], click.Command]]]  # name -> help, builder of the command

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(self.waiting)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        return self.waiting[name][1]() if name in self.waiting else None

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        width = formatter.width - 6 - max(map(len, self.waiting))
        shown = (click.Command(name, help=self.waiting[name][0]) for name in self.list_commands(context))
        with formatter.section("Commands"):
            formatter.write_dl([(str(one.name), one.get_short_help_str(width)) for one in shown])


def build(lang: str) -> Commands:
    """Return the commands, with help and output in `lang`."""
    say = speak_in(lang)
    ask_lang = click.option(
        "--lang",
        type=click.Choice(list(LANGUAGES)),
        expose_value=False,
        callback=_remember,
        help=say("cli.lang"),
    )
    ask_help = click.help_option("-h", "--help", help=say("cli.help"))

    @click.group(cls=Commands, help=_help(say("cli.main")))
    @ask_help
    @ask_lang
    @click.option(
        "--version",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_print_version,
        help=say("cli.version"),
    )
    def cli() -> None:
        pass

    cli.waiting = {}

    def command(key: str, *options: Callable[[Any], Any]) -> Callable[[str], None]:
        def register(where: str) -> None:
            def call(**values: Any) -> None:
                sys.exit(_function(where)(find_root(), lang, **values))

            name, text = key.removeprefix("cli."), _help(say(key))

            def make() -> click.Command:
                decorated: Any = call
                for option in reversed((*options, ask_lang, ask_help)):
                    decorated = option(decorated)
                return click.command(name, help=text)(decorated)

            cli.waiting[name] = (text, make)

        return register

    command(
        "cli.run",
        click.option(
            "--no-prefect", "use_prefect", flag_value=False, default=True, help=say("cli.no_prefect")
        ),
        click.option("--force", is_flag=True, help=say("cli.force")),
        click.option("--area", "areas", multiple=True, metavar="CODE", help=say("cli.area")),
        click.option(
            "--runner",
            type=click.Choice(RUNNERS),
            envvar="TITIKRAWAN_RUNNER",
            help=say("cli.run_runner"),
        ),
        click.option(
            "--workers",
            type=click.IntRange(min=1),
            default=2,
            show_default=True,
            envvar="TITIKRAWAN_WORKERS",
            help=say("cli.run_workers"),
        ),
        click.option("--place", metavar="PLACE", envvar="TITIKRAWAN_PLACE", help=say("cli.run_place")),
        click.option("--accept", metavar="REASON", help=say("cli.accept")),
    )("commands.run")
    command("cli.check", click.option("--all", "show_all", is_flag=True, help=say("cli.all")))(
        "commands.check"
    )
    command("cli.quarantine", click.option("--file", "file", metavar="FILE", help=say("cli.file")))(
        "commands.quarantine"
    )

    command(
        "cli.report",
        click.argument("named", nargs=-1, metavar="[AREA]..."),
        click.option("--all", "everything", is_flag=True, help=say("cli.all_areas")),
    )("main.report_in_asked_language")
    command(
        "cli.slides",
        click.argument("named", nargs=-1, metavar="[AREA]..."),
        click.option(
            "--voting-day",
            type=click.DateTime(("%Y-%m-%d",)),
            metavar="YYYY-MM-DD",
            help=say("cli.voting_day"),
        ),
    )("meetings.slides")
    command("cli.cards", click.argument("named", nargs=-1, metavar="[AREA]..."))("meetings.cards")
    command("cli.dictionary", click.argument("table", required=False, metavar="[TABLE]"))(
        "commands.dictionary"
    )
    command("cli.releases")("releases.releases")
    command("cli.rollback", click.argument("release", required=False, metavar="[RELEASE]"))(
        "releases.rollback"
    )
    command(
        "cli.diff",
        click.argument("before", required=False, metavar="[RELEASE]"),
        click.argument("after", required=False, metavar="[RELEASE]"),
        click.option("--json", "as_json", is_flag=True, help=say("cli.diff_json")),
        click.option("--csv", "as_csv", is_flag=True, help=say("cli.diff_csv")),
    )("releases.diff")
    command("cli.unpin")("releases.unpin")
    command(
        "cli.export",
        click.option("--to", required=True, metavar="PLACE", help=say("cli.export_to")),
        click.option(
            "--format",
            "kind",
            type=click.Choice(EXPORT_FORMATS),
            default="parquet",
            show_default=True,
            help=say("cli.export_format"),
        ),
        click.option("--area", default="", metavar="CODE", help=say("cli.export_area")),
        click.option("--table", "tables", multiple=True, metavar="TABLE", help=say("cli.export_table")),
        click.option("--public", is_flag=True, help=say("cli.export_public")),
    )("releases.export")
    command(
        "cli.archive",
        click.argument("folder", type=click.Path(path_type=Path), metavar="DIR"),
        click.option("--release", metavar="RELEASE", help=say("cli.archive_release")),
    )("releases.archive")
    command(
        "cli.trace",
        click.argument("words", nargs=-1, metavar="[TABLE KEY... | CLAIM | NUMBER]"),
        click.option("--area", default="", metavar="CODE", help=say("cli.trace_area")),
    )("releases.trace")
    command(
        "cli.correct",
        click.argument("claim", metavar="CLAIM"),
        click.argument("column", metavar="COLUMN"),
        click.argument("new", metavar="VALUE"),
        click.option("--source", required=True, metavar="ADDRESS", help=say("cli.correct_source")),
    )("releases.correct")
    command(
        "cli.web",
        click.option(
            "--port", type=click.IntRange(1, 65535), default=8001, show_default=True, help=say("cli.web_port")
        ),
    )("releases.web")
    command("cli.verify", click.argument("release", required=False, metavar="[RELEASE]"))("releases.verify")
    command("cli.doctor", click.option("--fix", is_flag=True, help=say("cli.doctor_fix")))("doctor.doctor")
    command("cli.seal", click.argument("source", metavar="SOURCE"))("raw_data.seal")
    command(
        "cli.add",
        click.argument("source", metavar="SOURCE"),
        click.argument("path", type=click.Path(path_type=Path), metavar="PATH"),
        click.option("--link", is_flag=True, help=say("cli.link")),
        click.option("--title", default="", metavar="TEXT", help=say("cli.title")),
        click.option("--licence", default="", metavar="NAME", help=say("cli.licence")),
        click.option(
            "--map",
            "mapping",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            metavar="FILE",
            help=say("cli.map_option"),
        ),
        click.option("--election", default="", metavar="ID", help=say("cli.add_election")),
        click.option("--area", default="", metavar="CODE", help=say("cli.add_area")),
    )("raw_data.add")
    command(
        "cli.template",
        click.argument("folder", type=click.Path(path_type=Path), metavar="DIR"),
        click.option("--practice", "is_practice", is_flag=True, help=say("cli.template_practice")),
    )("workbooks.template")
    command(
        "cli.office",
        click.argument("areas", nargs=-1, metavar="[AREA]..."),
        click.option("--workbook", default="", metavar="NAME", help=say("cli.office_workbook")),
        click.option("--name", default="", metavar="TEXT", help=say("cli.office_name")),
    )("workbooks.office")
    command(
        "cli.map",
        click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE"),
    )("raw_data.draft_mapping")
    command(
        "cli.remove",
        click.argument("source", metavar="SOURCE"),
        click.argument("file", required=False, metavar="[FILE]"),
    )("raw_data.remove")
    command("cli.sources")("raw_data.sources")
    command(
        "cli.simulate",
        click.argument(
            "folder", type=click.Path(path_type=Path), default=Path("data/simulated"), required=False
        ),
        click.option(
            "--seed", type=click.IntRange(min=0), default=20240214, show_default=True, help=say("cli.seed")
        ),
        click.option(
            "--persistent",
            type=click.IntRange(min=0),
            default=0,
            show_default=True,
            help=say("cli.persistent"),
        ),
        click.option(
            "--clusters", type=click.IntRange(min=0), default=0, show_default=True, help=say("cli.clusters")
        ),
        click.option(
            "--ratio", type=click.FloatRange(min=1), default=8.0, show_default=True, help=say("cli.ratio")
        ),
    )("simulate.simulate")
    above_zero = click.FloatRange(min=0, min_open=True)
    at_least_one = click.IntRange(min=1)
    command(
        "cli.acquire",
        click.argument("source", metavar="SOURCE"),
        click.option("--area", "areas", multiple=True, metavar="CODE", help=say("cli.acquire_area")),
        click.option("--base", metavar="URL", help=say("cli.base")),
        click.option("--contest", "contests", multiple=True, default=("ppwp",), help=say("cli.contest")),
        click.option("--rate", type=above_zero, default=5.0, show_default=True, help=say("cli.rate")),
        click.option(
            "--concurrency", type=at_least_one, default=4, show_default=True, help=say("cli.concurrency")
        ),
        click.option(
            "--runner",
            type=click.Choice(RUNNERS),
            default="threads",
            show_default=True,
            help=say("cli.runner"),
        ),
        click.option("--workers", type=at_least_one, default=1, show_default=True, help=say("cli.workers")),
        click.option("--out", "place", metavar="PLACE", help=say("cli.out")),
        click.option(
            "--no-prefect", "use_prefect", flag_value=False, default=True, help=say("cli.no_prefect_acquire")
        ),
    )("raw_data.acquire")
    return cli


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of `titikrawan`."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    build(language(given)).main(args=given, prog_name="titikrawan")


if __name__ == "__main__":
    main()
