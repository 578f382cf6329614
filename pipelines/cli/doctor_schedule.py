"""Checks of `titikrawan doctor` on schedules: dead runs, lock, server and login, last run, time zone, clock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipelines.catalog.messages import Message
from pipelines.cli.doctor import Finding

PORT = 4200
TIMEZONE = "Asia/Jakarta"
# The clock is wrong if it shows a time before this code was written.
WRITTEN = datetime(2026, 11, 1, tzinfo=UTC)


def examine_schedule(root: Path) -> Iterator[Finding]:
    """Check runs, lock, server, login, last run, time zone and clock."""
    import flows  # noqa: F401 (puts Prefect's home in order; imports no prefect)

    yield _dead_runs()
    yield _lock(root)
    yield _server()
    yield _login()
    yield _last_run(root)
    yield _timezone()
    yield _clock(root)


def _dead_runs() -> Finding:
    from flows.dead_runs import locks
    from pipelines.jobs.lifeline import is_alive

    folder = locks()
    dead = [p.name for p in folder.iterdir() if is_alive(folder, p.name) is False] if folder.is_dir() else []

    def mend() -> None:
        """Tell the running server about dead runs; without one, `make serve` finds them in its records."""
        from flows.dead_runs import sweep
        from flows.session import on_screen

        with on_screen():
            sweep()
        for name in dead:
            (folder / name).unlink(missing_ok=True)

    return Finding(
        Message("cli.doctor_dead_runs"), str(len(dead)), not dead, Message("cli.doctor_mend_dead_runs"), mend
    )


def _lock(root: Path) -> Finding:
    """Report who holds the lock. The system frees it when its holder dies, so a held lock is never stale."""
    path, about = root / "data" / "warehouse" / ".lock", Message("cli.doctor_lock")
    holder = 0
    with suppress(OSError, ValueError, IndexError):
        inode = path.stat().st_ino
        for line in Path("/proc/locks").read_text(encoding="ascii").splitlines():
            fields = line.split()
            if "FLOCK" in fields and fields[-3].rpartition(":")[2] == str(inode):
                holder = int(fields[-4])
    seen = Message("cli.doctor_lock_held", pid=holder) if holder else "-"
    return Finding(about, seen, True, "")


def _server() -> Finding:
    from importlib.metadata import version

    from flows.auth import FILE, is_private
    from flows.local_server import is_ours, kept_port, listener_uid, prefect_home, status_of, version_of

    port, about = kept_port() or PORT, Message("cli.doctor_server")
    if status_of(port) is None and listener_uid(port) is None:
        return Finding(about, "-", True, "")
    path = prefect_home() / FILE
    if is_private(path) and is_ours(port, secret := path.read_text(encoding="ascii").strip()):
        here, there = version("prefect"), version_of(port, secret)
        if there != here:  # updated while the server was running
            seen = Message("cli.doctor_old_client", port=port, there=there or "?", here=here)
            return Finding(about, seen, False, Message("cli.doctor_restart_server"))
        return Finding(about, Message("cli.doctor_server_ours", port=port), True, "")
    if status_of(port) == 200:
        seen = Message("cli.doctor_server_open", port=port)
        return Finding(about, seen, False, Message("cli.doctor_close_server"))
    return Finding(
        about, Message("cli.doctor_port_taken", port=port), False, Message("cli.doctor_other_port")
    )


def _login() -> Finding:
    from flows.auth import FILE, is_private, login
    from flows.local_server import prefect_home

    path, about = prefect_home() / FILE, Message("cli.doctor_login")
    if not path.exists() and not path.is_symlink():
        return Finding(about, "-", True, "")

    def mend() -> None:
        login(prefect_home())

    good = is_private(path)
    seen = "0600" if good else Message("cli.doctor_login_open", path=path)
    return Finding(about, seen, good, Message("cli.doctor_mend_login"), mend)


def _last_run(root: Path) -> Finding:
    about = Message("cli.doctor_last_run")
    try:
        status = json.loads((root / "data" / "warehouse" / "status.json").read_text(encoding="utf-8"))
        name, state = str(status["name"]), str(status["state"])
        message = str(status.get("message") or "")
    except FileNotFoundError:
        return Finding(about, "-", True, "")
    except (OSError, ValueError, TypeError, KeyError):
        return Finding(about, Message("cli.doctor_unreadable"), False, Message("cli.doctor_run"))
    return Finding(about, name, state == "completed" and name in ("Completed", "Unchanged"), message)


def _timezone() -> Finding:
    about = Message("cli.doctor_timezone")
    try:
        hours = datetime.now(ZoneInfo(TIMEZONE)).utcoffset()
        return Finding(about, f"{TIMEZONE} {hours}", True, "")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return Finding(about, "-", False, Message("cli.doctor_install_timezones"))


def _clock(root: Path) -> Finding:
    now, newest = datetime.now(UTC), WRITTEN
    for path in (root / "data" / "warehouse").glob("*.json"):
        with suppress(OSError, ValueError, OverflowError):
            newest = max(newest, datetime.fromtimestamp(path.stat().st_mtime, UTC))
    seen = now.isoformat(timespec="minutes")
    good = (newest - now).total_seconds() < 60
    return Finding(Message("cli.doctor_clock"), seen, good, Message("cli.doctor_set_clock"))
