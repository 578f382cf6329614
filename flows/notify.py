"""Tell people how a run ended: a status file always, a webhook or e-mail where configured.

Configuration comes from the environment only, and none of it is ever logged:

- `TITIKRAWAN_NOTIFY`: `failure` (default) or `always`
- `TITIKRAWAN_WEBHOOK_URL`: receives the status as JSON by POST
- `TITIKRAWAN_MAIL_TO` (comma-separated), `TITIKRAWAN_MAIL_FROM`, `TITIKRAWAN_SMTP_HOST`, `TITIKRAWAN_SMTP_PORT`
  (587), `TITIKRAWAN_SMTP_USER`, `TITIKRAWAN_SMTP_PASSWORD`, `TITIKRAWAN_SMTP_TLS` (`yes`; `no` for a relay on
  this machine)
"""

from __future__ import annotations

import json
import logging
import os
import smtplib
import ssl
import tempfile
import urllib.request
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from flows.settings import find_root

TIMEOUT = 10.0
log = logging.getLogger(__name__)


def record(flow: Any, flow_run: Any, state: Any) -> None:
    """Prefect hook for completion, failure, crash and cancellation; never raises."""
    root = Path(flow_run.parameters.get("root") or find_root())
    status = {
        "state": state.type.value.lower(),
        "name": state.name,
        "message": state.message or "",
        "flow": flow.name,
        "flow_run": str(flow_run.id),
        "flow_run_name": flow_run.name,
        "published": _published(root),
        "started": flow_run.start_time.isoformat() if flow_run.start_time else None,
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    _guarded("status file", lambda: write_status(root, status))
    send(status)


def _published(root: Path) -> str | None:
    """The release that readers see now; after a failure it is still the one before."""
    from pipelines.warehouse.publish import current_release

    try:
        return (current_release(root / "data" / "warehouse") or {}).get("release_id")
    except (OSError, ValueError, KeyError):  # a damaged pointer must not silence the notice
        return None


def write_status(root: Path, status: Mapping[str, Any]) -> Path:
    """Write `data/warehouse/status.json` whole or not at all.

    Returns:
        The path written. Raises OSError when the folder cannot be written.
    """
    path = root / "data" / "warehouse" / "status.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(status, ensure_ascii=False, indent=2) + "\n"
    handle, temporary = tempfile.mkstemp(prefix=".status-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def send(status: Mapping[str, Any], environment: Mapping[str, str] = os.environ) -> list[str]:
    """Send the status to every configured channel.

    Returns:
        Names of the channels that accepted it. A channel that fails is logged by kind of error only,
        since the error's own text may hold the address or the password.
    """
    if status["state"] == "completed" and environment.get("TITIKRAWAN_NOTIFY", "failure") != "always":
        return []
    channels: dict[str, Callable[[], None]] = {}
    if url := environment.get("TITIKRAWAN_WEBHOOK_URL"):
        channels["webhook"] = lambda: _post(url, status)
    if environment.get("TITIKRAWAN_MAIL_TO"):
        channels["e-mail"] = lambda: _mail(environment, status)
    return [name for name, action in channels.items() if _guarded(name, action)]


def _guarded(name: str, action: Callable[[], object]) -> bool:
    try:
        action()
    except Exception as error:
        log.error("%s: not delivered (%s)", name, type(error).__name__)
        return False
    return True


def _post(url: str, status: Mapping[str, Any]) -> None:
    if not url.startswith(("https://", "http://")):
        raise ValueError("TITIKRAWAN_WEBHOOK_URL must start with https:// or http://")
    body = json.dumps(status, ensure_ascii=False).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 (checked)
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 (checked)
        answer.read()


def _mail(environment: Mapping[str, str], status: Mapping[str, Any]) -> None:
    message = EmailMessage()
    message["Subject"] = f"titik-rawan: {status['flow']} {status['name']}"
    message["To"] = environment["TITIKRAWAN_MAIL_TO"]
    message["From"] = environment.get("TITIKRAWAN_MAIL_FROM", "titik-rawan@localhost")
    message.set_content("\n".join(f"{key}: {value}" for key, value in status.items()) + "\n")
    host = environment.get("TITIKRAWAN_SMTP_HOST", "localhost")
    with smtplib.SMTP(host, int(environment.get("TITIKRAWAN_SMTP_PORT", "587")), timeout=TIMEOUT) as server:
        if environment.get("TITIKRAWAN_SMTP_TLS", "yes") != "no":
            server.starttls(context=ssl.create_default_context())
        if user := environment.get("TITIKRAWAN_SMTP_USER"):
            server.login(user, environment.get("TITIKRAWAN_SMTP_PASSWORD", ""))
        server.send_message(message)
