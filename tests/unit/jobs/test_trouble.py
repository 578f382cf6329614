"""What a machine refuses is said in words, also where a library or the warehouse said it first."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from pipelines.catalog.messages import UserError
from pipelines.jobs.trouble import DiskFullError, MachineError, explain
from pipelines.warehouse.load import WarehouseError


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


FULL = RuntimeError('Could not write file "/x/titikrawan.duckdb": No space left on device')


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), DiskFullError),
        (FULL, DiskFullError),
        (caused(WarehouseError("mart.three_zeros: TransactionContext Error"), FULL), DiskFullError),
        (caused(ValueError("x"), OSError(errno.EROFS, "Read-only file system", "/x")), MachineError),
        (OSError(errno.EACCES, "Permission denied", "/x"), MachineError),
        # In words already, and better than we could here.
        (caused(WarehouseError("another run is writing"), OSError(errno.EACCES, "Permission denied")), None),
        (
            caused(
                UserError("register/revotes.csv cannot be read"), OSError(errno.EACCES, "Permission denied")
            ),
            None,
        ),
        (caused(UserError("the place is full"), FULL), None),
        (ValueError("x"), None),
    ],
)
def test_explain(tmp_path: Path, error: Exception, expected: type[Exception] | None) -> None:
    found = explain(error, tmp_path)
    assert type(found) is (expected or type(None))
