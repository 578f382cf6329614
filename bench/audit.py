"""`make audit`: known vulnerabilities of the locked libraries, if a vulnerability database is reachable.

Runs pip-audit on requirements.lock. If it is not installed, or its database does not answer within `SECONDS`,
prints that and succeeds: checks must still work on a machine without a network. A vulnerability gives exit code
1, unless `ACCEPTED` below lists it with a reason.
"""

from __future__ import annotations

import importlib.util
import json
import socket
import subprocess
import sys
from pathlib import Path

SECONDS, ALL_SECONDS = 3.0, 120
DATABASE = ("pypi.org", 443)
LOCK = Path(__file__).resolve().parents[1] / "requirements.lock"
# Vulnerability id -> why it does not affect us.
ACCEPTED: dict[str, str] = {}


def why_not() -> str:
    """Return why the audit cannot run; empty if it can."""
    if importlib.util.find_spec("pip_audit") is None:
        return "pip-audit is not installed (pip install pip-audit)"
    try:
        socket.create_connection(DATABASE, timeout=SECONDS).close()
    except OSError as error:
        return f"the database at {DATABASE[0]} is not reachable ({type(error).__name__})"
    return ""


def main() -> int:
    """Return the exit code: 0 nothing found or audit impossible, 1 a vulnerability."""
    if reason := why_not():
        print(f"make audit: SKIPPED, {reason}")
        return 0
    command = [sys.executable, "-m", "pip_audit", "-r", str(LOCK), "--no-deps", "--disable-pip", "-f", "json"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=ALL_SECONDS, check=False)  # noqa: S603
        found = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError) as error:
        print(f"make audit: SKIPPED, the database gave no answer ({type(error).__name__})")
        return 0
    open_ones = 0
    for one in found:
        for fault in one.get("vulns", ()):
            reason = ACCEPTED.get(fault["id"], "")
            open_ones += not reason
            fixed = ", ".join(fault.get("fix_versions", ())) or "-"
            print(f"{one['name']} {one['version']}: {fault['id']}, mended in {fixed}. {reason}")
    print(f"make audit: {len(found)} libraries, {open_ones} known vulnerabilities")
    return 1 if open_ones else 0


if __name__ == "__main__":
    sys.exit(main())
