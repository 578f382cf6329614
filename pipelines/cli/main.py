"""`titikrawan …`. Stays light: nothing heavy is imported before a command needs it.

Exit codes: 0 done or nothing to do, 1 data refused, 2 usage, 3 environment.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from pipelines.cli.words import WORDS


def find_root() -> Path:
    """The project folder: `TITIKRAWAN_ROOT`, else the nearest one above that holds data/raw."""
    if named := os.environ.get("TITIKRAWAN_ROOT"):
        return Path(named).resolve()
    for start in (Path.cwd(), Path(__file__).parent):
        for folder in (start.resolve(), *start.resolve().parents):
            if (folder / "data" / "raw").is_dir():
                return folder
    return Path.cwd()


def language(arguments: Sequence[str]) -> str:
    """Language asked for anywhere on the command line, else by TITIKRAWAN_LANG, else Indonesian."""
    for position, word in enumerate(arguments):
        if word == "--lang" and position + 1 < len(arguments) and arguments[position + 1] in WORDS:
            return arguments[position + 1]
        if word.startswith("--lang=") and word[7:] in WORDS:
            return word[7:]
    asked = os.environ.get("TITIKRAWAN_LANG", "id")
    return asked if asked in WORDS else "id"


def _print_version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        from importlib.metadata import version

        click.echo(f"titik-rawan {version('titik-rawan')}")
        context.exit()


ASKED = "titikrawan.lang"


def _remember(context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Keep the language that was asked for by name: reports are then made in that one only."""
    if value:
        context.meta[ASKED] = value
    return value


def build(lang: str) -> click.Group:
    """The commands, with help and output in `lang`."""
    from pipelines.cli import add, commands, report

    say = WORDS[lang]
    ask_lang = click.option(
        "--lang", type=click.Choice(list(WORDS)), expose_value=False, callback=_remember, help=say["lang"]
    )
    ask_help = click.help_option("-h", "--help", help=say["help"])

    @click.group(help=say["main"])
    @ask_help
    @ask_lang
    @click.option(
        "--version",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_print_version,
        help=say["version"],
    )
    def cli() -> None:
        pass

    def command(name: str, *options: Callable[[Any], Any]) -> Callable[[Callable[..., int]], None]:
        def register(function: Callable[..., int]) -> None:
            def call(**values: Any) -> None:
                sys.exit(function(find_root(), lang, **values))

            decorated: Any = call
            for option in reversed((*options, ask_lang, ask_help)):
                decorated = option(decorated)
            cli.command(name, help=say[name])(decorated)

        return register

    command(
        "run",
        click.option("--no-prefect", "use_prefect", flag_value=False, default=True, help=say["no_prefect"]),
        click.option("--force", is_flag=True, help=say["force"]),
        click.option("--area", "areas", multiple=True, metavar="CODE", help=say["area"]),
        click.option(
            "--runner",
            type=click.Choice(("threads", "processes", "dask")),
            envvar="TITIKRAWAN_RUNNER",
            help=say["run_runner"],
        ),
        click.option(
            "--workers",
            type=click.IntRange(min=1),
            default=2,
            show_default=True,
            envvar="TITIKRAWAN_WORKERS",
            help=say["run_workers"],
        ),
        click.option("--place", metavar="PLACE", envvar="TITIKRAWAN_PLACE", help=say["run_place"]),
    )(commands.run)
    command("check", click.option("--all", "show_all", is_flag=True, help=say["all"]))(commands.check)
    command("quarantine", click.option("--file", "file", metavar="FILE", help=say["file"]))(
        commands.quarantine
    )

    def report_in_asked_language(root: Path, lang: str, **values: Any) -> int:
        asked = click.get_current_context().meta.get(ASKED)
        return report.report(root, lang, langs=(asked,) if asked else (), **values)

    command(
        "report",
        click.argument("area", required=False, metavar="[AREA]"),
        click.option("--all", "everything", is_flag=True, help=say["all_areas"]),
    )(report_in_asked_language)
    command("dictionary", click.argument("table", required=False, metavar="[TABLE]"))(commands.dictionary)
    command("releases")(commands.releases)
    command("rollback", click.argument("release", required=False, metavar="[RELEASE]"))(commands.rollback)
    command("doctor")(commands.doctor)
    command("seal", click.argument("source", metavar="SOURCE"))(commands.seal)
    command(
        "add",
        click.argument("source", metavar="SOURCE"),
        click.argument("path", type=click.Path(path_type=Path), metavar="PATH"),
        click.option("--link", is_flag=True, help=say["link"]),
        click.option("--title", default="", metavar="TEXT", help=say["title"]),
        click.option("--licence", default="not-stated", metavar="NAME", help=say["licence"]),
    )(add.add)
    command(
        "simulate",
        click.argument(
            "folder", type=click.Path(path_type=Path), default=Path("data/simulated"), required=False
        ),
        click.option(
            "--seed", type=click.IntRange(min=0), default=20240214, show_default=True, help=say["seed"]
        ),
        click.option(
            "--persistent", type=click.IntRange(min=0), default=0, show_default=True, help=say["persistent"]
        ),
        click.option(
            "--clusters", type=click.IntRange(min=0), default=0, show_default=True, help=say["clusters"]
        ),
        click.option(
            "--ratio", type=click.FloatRange(min=1), default=8.0, show_default=True, help=say["ratio"]
        ),
    )(commands.simulate)
    above_zero = click.FloatRange(min=0, min_open=True)
    at_least_one = click.IntRange(min=1)
    command(
        "acquire",
        click.argument("source", metavar="SOURCE"),
        click.option("--area", "areas", multiple=True, metavar="CODE", help=say["acquire_area"]),
        click.option("--base", metavar="URL", help=say["base"]),
        click.option("--contest", "contests", multiple=True, default=("ppwp",), help=say["contest"]),
        click.option("--rate", type=above_zero, default=5.0, show_default=True, help=say["rate"]),
        click.option(
            "--concurrency", type=at_least_one, default=4, show_default=True, help=say["concurrency"]
        ),
        click.option(
            "--runner",
            type=click.Choice(("threads", "processes", "dask")),
            default="threads",
            show_default=True,
            help=say["runner"],
        ),
        click.option("--workers", type=at_least_one, default=1, show_default=True, help=say["workers"]),
        click.option("--out", "place", metavar="PLACE", help=say["out"]),
        click.option(
            "--no-prefect", "use_prefect", flag_value=False, default=True, help=say["no_prefect_acquire"]
        ),
    )(commands.acquire)
    return cli


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of `titikrawan`."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    build(language(given)).main(args=given, prog_name="titikrawan")


if __name__ == "__main__":
    main()
