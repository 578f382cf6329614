"""The one secret of this project: the login of its Prefect server.

It is generated once with `secrets`, stored in a file that only its owner can read, and passed on only by that
file or in the environment of a process we start: never on a command line, never in a log, never to a server on
another host.
"""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from pipelines.catalog.messages import ENVIRONMENT, Message, UserError

FILE = "api_auth"
USER = "titikrawan"


class AuthError(UserError):
    """The login can be neither read nor created."""

    exit_code = ENVIRONMENT


def new_login() -> str:
    """Return a random login, `user:secret`."""
    return f"{USER}:{secrets.token_urlsafe(32)}"


def login(home: Path) -> str:
    """Return the login stored in `home` (Prefect's home inside the project); the first call creates it.

    A file that others can read or own is no longer secret: it is replaced.

    Raises:
        AuthError: the folder cannot be used.
    """
    path = home / FILE
    try:
        private_folder(home)
        return _read(path) or _make(path)
    except OSError as error:
        raise AuthError(Message("flows.login_unusable", path=path, error=error.strerror or error)) from error


def private_folder(home: Path) -> None:
    """Create Prefect's home or restrict its permissions: its database holds the parameters of runs."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if home.stat().st_uid == os.geteuid() and stat.S_IMODE(home.stat().st_mode) & 0o077:
        home.chmod(0o700)


def is_private(path: Path) -> bool:
    """Return whether a file is a regular file, owned by us and inaccessible to others."""
    try:
        found = path.lstat()
    except OSError:
        return False
    return (
        stat.S_ISREG(found.st_mode)
        and found.st_uid == os.geteuid()
        and not stat.S_IMODE(found.st_mode) & 0o077
    )


def _read(path: Path) -> str:
    if not is_private(path):
        return ""
    text = path.read_text(encoding="ascii", errors="replace").strip()
    return text if text.startswith(f"{USER}:") and len(text) >= len(USER) + 40 else ""


def _make(path: Path) -> str:
    """Write a new login atomically; if two programs start together, both get the first one's."""
    handle, aside = tempfile.mkstemp(prefix=f".{FILE}-", dir=path.parent)  # mode 0600 from the first byte
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(new_login() + "\n")
            file.flush()
            os.fsync(file.fileno())
        if path.exists() or path.is_symlink():
            path.unlink()  # the existing file was not usable
        with suppress(FileExistsError):
            os.link(aside, path)
    finally:
        Path(aside).unlink(missing_ok=True)
    found = _read(path)
    if not found:
        raise AuthError(Message("flows.login_not_private", path=path))
    return found
