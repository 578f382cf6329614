"""Notify people how a run ended: always by a status file and a list of notices, by webhook or e-mail if
configured.

`data/warehouse/status.json` describes the last run; `data/warehouse/notices.ndjson` holds all notices, one per
line, newest last. Configuration comes from the environment, secrets also from Prefect's blocks (type Secret);
none of it is ever logged:

- `TITIKRAWAN_NOTIFY`: `failure` (default: everything but a good end) or `always`
- `TITIKRAWAN_WEBHOOK_URL`: receives the notice as JSON by POST; or `TITIKRAWAN_WEBHOOK_BLOCK`, the name of a
  Secret
- `TITIKRAWAN_MAIL_TO` (comma-separated), `TITIKRAWAN_MAIL_FROM`, `TITIKRAWAN_SMTP_HOST`, `TITIKRAWAN_SMTP_PORT`
  (587), `TITIKRAWAN_SMTP_USER`, `TITIKRAWAN_SMTP_PASSWORD` or `TITIKRAWAN_SMTP_PASSWORD_BLOCK`,
  `TITIKRAWAN_SMTP_TLS` (`yes`; `no` for a relay on this machine)

Limits per channel: `SECONDS` in total, whatever the other side does; at most `BYTES` of a webhook's answer are
read, and redirects are not followed.
"""

from __future__ import annotations

import json
import logging
import os
import smtplib
import ssl
import tempfile
import threading
import urllib.request
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

from flows.settings import find_root
from pipelines.catalog.printable import printable
from pipelines.catalog.vocabulary import LANGS, LANGUAGES

DEPLOYMENT = "scheduled"
NOTICES = "notices.ndjson"
TIMEOUT = 10.0
SECONDS, BYTES = 20.0, 64 * 1024
TEXT, KEPT = 4_000, 500
log = logging.getLogger(__name__)
_details: dict[str, Mapping[str, Any]] = {}


def language() -> str:
    """Return the language of notices: `TITIKRAWAN_LANG`, else the project's first."""
    asked = os.environ.get("TITIKRAWAN_LANG", LANGS[0])
    return asked if asked in LANGUAGES else LANGS[0]


def attach(flow_run_id: object, details: Mapping[str, Any]) -> None:
    """Add facts to the notice of this run, in addition to its state."""
    _details[str(flow_run_id)] = details


def record(flow: Any, flow_run: Any, state: Any, keep_status: bool = False) -> None:
    """Prefect hook for completion, failure, crash and cancellation; never raises.

    `keep_status`: leave the status file alone, since a skipped run says nothing about the last one.
    """
    root = Path(flow_run.parameters.get("root") or find_root())
    status = {
        "state": state.type.value.lower(),
        "name": state.name,
        "message": _short(state.message or ""),
        "flow": flow.name,
        "flow_run": str(flow_run.id),
        "flow_run_name": flow_run.name,
        "published": _published(root),
        "started": flow_run.start_time.isoformat() if flow_run.start_time else None,
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        **_details.pop(str(flow_run.id), {}),
    }
    if not keep_status:
        _guarded("status file", lambda: write_status(root, status))
    send(status, root=root)


def _short(text: str) -> str:
    clean = printable(text)
    return clean if len(clean) <= TEXT else clean[: TEXT - 1] + "…"


def _published(root: Path) -> str | None:
    """Return the release that readers currently see; after a failure that is the previous one."""
    from pipelines.warehouse.publish import current_release

    try:
        return (current_release(root / "data" / "warehouse") or {}).get("release_id")
    except Exception:  # a damaged pointer must not suppress the notice
        return None


def write_status(root: Path, status: Mapping[str, Any]) -> Path:
    """Write `data/warehouse/status.json` atomically.

    Returns:
        The path written. Raises OSError when the folder cannot be written.
    """
    text = json.dumps(status, ensure_ascii=False, indent=2) + "\n"
    return _replace(root / "data" / "warehouse" / "status.json", text)


def _replace(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.stem}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def is_news(status: Mapping[str, Any], environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether to notify: of anything other than plain success, or of everything if so configured."""
    plain = status["state"] == "completed" and status.get("name") in ("Completed", "Unchanged")
    changed = status.get("places_new") or status.get("places_gone")
    return not plain or bool(changed) or environment.get("TITIKRAWAN_NOTIFY", "failure") == "always"


def send(
    status: Mapping[str, Any], environment: Mapping[str, str] = os.environ, root: Path | None = None
) -> list[str]:
    """Send the status to every configured channel, and append it to the list of notices below `root`.

    Returns:
        Names of the channels that accepted it. For a channel that fails only the error type is logged, since
        the error's text may contain the address or the password.
    """
    if not is_news(status, environment):
        return []
    if root is not None:
        _guarded("list of notices", lambda: _note(root, status))
    channels: dict[str, Callable[[], None]] = {}
    if "TITIKRAWAN_WEBHOOK_URL" in environment or "TITIKRAWAN_WEBHOOK_BLOCK" in environment:
        channels["webhook"] = lambda: _post(_secret(environment, "TITIKRAWAN_WEBHOOK", "_URL"), status)
    if environment.get("TITIKRAWAN_MAIL_TO"):
        channels["e-mail"] = lambda: _mail(environment, status)
    return [name for name, action in channels.items() if _guarded(name, partial(_in_time, action))]


def _note(root: Path, status: Mapping[str, Any]) -> None:
    path = root / "data" / "warehouse" / NOTICES
    kept = notices(root)[-(KEPT - 1) :]
    lines = [json.dumps(one, ensure_ascii=False) for one in [*kept, dict(status)]]
    _replace(path, "\n".join(lines) + "\n")


def notices(root: Path) -> list[dict[str, Any]]:
    """Return all notices, newest last, without unreadable lines."""
    found = []
    try:
        lines = (root / "data" / "warehouse" / NOTICES).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return []
    for line in lines:
        try:
            one = json.loads(line)
        except ValueError:
            continue
        if isinstance(one, dict):
            found.append(one)
    return found


def was_told(flow_run: Any) -> bool:
    """Return whether the list already has a notice of this run."""
    root = Path(flow_run.parameters.get("root") or find_root())
    return any(one.get("flow_run") == str(flow_run.id) for one in notices(root))


def _in_time(action: Callable[[], None]) -> None:
    """Run the action in a thread with a time limit of `SECONDS`: an answer may arrive infinitely slowly."""
    failed: list[BaseException] = []

    def guarded() -> None:
        try:
            action()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=guarded, daemon=True)
    thread.start()
    thread.join(SECONDS)
    if thread.is_alive():
        raise TimeoutError
    if failed:
        raise failed[0]


def _guarded(name: str, action: Callable[[], object]) -> bool:
    try:
        action()
    except Exception as error:
        log.error("%s: not delivered (%s)", name, type(error).__name__)
        return False
    return True


def _secret(environment: Mapping[str, str], name: str, suffix: str = "") -> str:
    """Return a secret from the environment, else from the Prefect block named there."""
    if block := environment.get(f"{name}_BLOCK"):
        from prefect.blocks.system import Secret

        return str(Secret.load(block).get())  # type: ignore[union-attr]
    return environment.get(name + suffix, "")


class _Stay(urllib.request.HTTPRedirectHandler):
    """Do not follow redirects: the notice is meant for the configured address only."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _post(url: str, status: Mapping[str, Any]) -> None:
    if not url.startswith(("https://", "http://")):
        raise ValueError("TITIKRAWAN_WEBHOOK_URL must start with https:// or http://")
    body = json.dumps(status, ensure_ascii=False).encode(errors="backslashreplace")
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 (checked)
    with urllib.request.build_opener(_Stay).open(request, timeout=TIMEOUT) as answer:
        answer.read(BYTES)


def _mail(environment: Mapping[str, str], status: Mapping[str, Any]) -> None:
    message = EmailMessage()
    message["Subject"] = " ".join(printable(f"titik-rawan: {status['flow']} {status['name']}").split())
    message["To"] = environment["TITIKRAWAN_MAIL_TO"]
    message["From"] = environment.get("TITIKRAWAN_MAIL_FROM", "titik-rawan@localhost")
    message.set_content("\n".join(f"{key}: {value}" for key, value in status.items()) + "\n")
    host = environment.get("TITIKRAWAN_SMTP_HOST", "localhost")
    with smtplib.SMTP(host, int(environment.get("TITIKRAWAN_SMTP_PORT", "587")), timeout=TIMEOUT) as server:
        if environment.get("TITIKRAWAN_SMTP_TLS", "yes") != "no":
            server.starttls(context=ssl.create_default_context())
        if user := environment.get("TITIKRAWAN_SMTP_USER"):
            server.login(user, _secret(environment, "TITIKRAWAN_SMTP_PASSWORD"))
        server.send_message(message)
