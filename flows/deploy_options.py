"""Options and messages of `python -m flows.deploy`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from flows.schedules import SCHEDULES
from pipelines.catalog.messages import speak_in
from pipelines.catalog.vocabulary import LANGS, LANGUAGES


def parse(arguments: Sequence[str]) -> tuple[argparse.Namespace, Callable[..., str]]:
    """Return the options and the message function of the chosen language; exits with code 2 on wrong usage."""
    first = argparse.ArgumentParser(add_help=False)
    first.add_argument("--lang", choices=list(LANGUAGES), default=LANGS[0])
    say = speak_in(first.parse_known_args(arguments)[0].lang)
    parser = argparse.ArgumentParser(
        prog="python -m flows.deploy",
        description=say("flows.deploy_about"),
        epilog=say("flows.deploy_examples"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
    )
    group = parser.add_argument_group(say("flows.deploy_options"))
    group.add_argument("-h", "--help", action="help", help=say("flows.deploy_help"))
    group.add_argument("--lang", choices=list(LANGUAGES), default=LANGS[0], help=say("flows.deploy_lang"))
    group.add_argument(
        "--schedules", type=Path, default=SCHEDULES, metavar="FILE", help=say("flows.deploy_schedules")
    )
    group.add_argument("--check", action="store_true", help=say("flows.deploy_check"))
    group.add_argument("--port", type=int, default=4200, help=say("flows.deploy_port"))
    group.add_argument("--work-pool", metavar="NAME", help=say("flows.deploy_work_pool"))
    return parser.parse_args(arguments), say
