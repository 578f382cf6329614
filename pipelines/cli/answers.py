"""How a command ends: exit codes and error messages."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from pipelines.catalog.messages import ENVIRONMENT, UserError, speak_in
from pipelines.catalog.printable import printable


def tell(text: object = "") -> None:
    """Print a line. All output goes through `tell` and `complain`, which escape terminal control characters."""
    click.echo(printable(text))


def complain(text: object) -> None:
    """Print a line on standard error."""
    click.echo(printable(text), err=True)


def answers(function: Callable[..., int]) -> Callable[..., int]:
    """Turn errors into a message and an exit code; an unexpected error writes its traceback to a file."""

    @wraps(function)
    def call(root: Path, lang: str, **values: Any) -> int:
        try:
            code = function(root, lang, **values)
            sys.stdout.flush()
            return code
        except BrokenPipeError:
            _stop_writing()
            return 0
        except UserError as error:
            complain(error.said(lang))
            return error.exit_code
        except ModuleNotFoundError as error:
            # Installed without the extra `pipeline`: enough to read a release, not to build one.
            complain(speak_in(lang)("cli.needs_pipeline", name=error.name))
            return ENVIRONMENT
        except Exception as error:
            try:
                from pipelines.jobs.trouble import explain
            except ModuleNotFoundError:
                complain(_unexpected(error, root, lang))
                return ENVIRONMENT
            if explained := explain(error, root):
                complain(explained.said(lang))
                return explained.exit_code
            complain(_unexpected(error, root, lang))
            return ENVIRONMENT

    return call


def _unexpected(error: Exception, root: Path, lang: str) -> str:
    """Return a one-line message for an unexpected error and, if possible, write its traceback to a file."""
    say, said = speak_in(lang), f"{type(error).__name__}: {error}"
    path = root / "data" / "warehouse" / "last_error.txt"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(traceback.format_exc(), encoding="utf-8", errors="replace")
    except OSError as why:
        return say("cli.unexpected_unwritten", error=said, why=why.strerror or type(why).__name__)
    return say("cli.unexpected", error=said, path=path.relative_to(root))


def _stop_writing() -> None:
    """Discard buffered output: the reader of the pipe has closed it, as `head` does."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
