"""Explain machine errors in words: a full disk, an unwritable folder, another user's files."""

from __future__ import annotations

import errno
import getpass
import shutil
from collections.abc import Iterator
from pathlib import Path

from pipelines.catalog.messages import ENVIRONMENT, Message, UserError
from pipelines.warehouse import releases
from pipelines.warehouse.errors import WarehouseError

# A run needs about the size of a release again, and half a gigabyte where there is none yet.
LEAST_BYTES = 500_000_000
_FULL = (errno.ENOSPC, errno.EDQUOT)
_REFUSED = (errno.EACCES, errno.EPERM)
# Messages of libraries that do not raise OSError.
_TEXTS = {
    errno.ENOSPC: ("no space left on device", "disk quota exceeded"),
    errno.EROFS: ("read-only file system",),
    errno.EACCES: ("permission denied", "operation not permitted"),
}


class MachineError(UserError):
    """The machine, not the data, is the problem; says what to do. The published release is unchanged."""

    exit_code = ENVIRONMENT


class DiskFullError(MachineError):
    """No space is left."""


def explain(error: BaseException, root: Path) -> MachineError | None:
    """Return the error in words if it is one of these; None for any other.

    Errors already in words stay as they are, except that the warehouse's message on a full disk names only the
    table.
    """
    is_told = False
    for one in _chain(error):
        if isinstance(one, WarehouseError):
            is_told = True
            continue
        if isinstance(one, UserError):
            return None
        number = _number(one)
        if is_told and number in _REFUSED:
            return None
        if number in _FULL:
            return _full(root)
        if number == errno.EROFS:
            return MachineError(Message("jobs.read_only", path=_path(one, root)))
        if number in _REFUSED:
            path = Path(_path(one, root))
            return MachineError(
                Message("jobs.not_writable", path=path, owner=_owner(path), me=_name()),
            )
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _number(error: BaseException) -> int | None:
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    text = str(error).lower()
    return next((number for number, said in _TEXTS.items() if any(one in text for one in said)), None)


def _full(root: Path) -> DiskFullError:
    release = releases.served(root / "data" / "warehouse")
    size = sum(path.stat().st_size for path in releases.files_of(release.folder).values()) if release else 0
    return DiskFullError(
        Message(
            "jobs.disk_full",
            folder=root / "data" / "warehouse",
            free=f"{shutil.disk_usage(root).free / 1e6:.0f} MB",
            needed=f"{max(LEAST_BYTES, 3 * size) / 1e6:.0f} MB",
        )
    )


def _path(error: BaseException, root: Path) -> str:
    named = getattr(error, "filename", None)
    return str(named) if isinstance(named, str | Path) else str(root / "data" / "warehouse")


def _owner(path: Path) -> str:
    there = next((one for one in (path, *path.parents) if one.exists()), Path("/"))
    try:
        return there.owner()
    except (KeyError, OSError):
        return "?"


def _name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "?"
