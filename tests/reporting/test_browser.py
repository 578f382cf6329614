"""Pages opened in a real browser: no console message, no request, nothing wider than a phone."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest

from pipelines.reporting import render, render_index

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PROBE = """<script>addEventListener("load", () => {
  const page = (document.getElementById("f")?.contentWindow ?? window)
  document.title = [page.innerWidth, page.document.documentElement.scrollWidth].join(" ")
})</script>"""


def chromium(page: Path, profile: Path, *flags: str) -> tuple[str, str]:
    """DOM and log of a page opened headless; skips where Debian's chromium is absent."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed (apt-get install chromium)")
    result = subprocess.run(
        [program, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}",
         "--enable-logging=stderr", "--dump-dom", *flags, page.as_uri()],
        check=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    return result.stdout, result.stderr


@pytest.fixture(scope="module")
def folder(read_only: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports and index of the invented warehouse."""
    out = tmp_path_factory.mktemp("pages")
    for code in ("00", "31", "3171"):
        render(read_only, code, "id", out, ("html",), index="index.html")
    render_index(read_only, ["id"], out)
    return out


def test_pages_open_without_a_console_message(folder: Path, tmp_path: Path) -> None:
    for page in sorted(folder.glob("*.html")):
        dom, log = chromium(page, tmp_path / "profile")
        assert "</h1>" in dom
        assert "CONSOLE" not in log, log


def test_the_policy_is_in_force(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "attacked.html"
    text = (folder / "index.html").read_text(encoding="utf-8")
    page.write_text(text.replace("</body>", PROBE + "</body>"), encoding="utf-8")
    dom, log = chromium(page, tmp_path / "profile")
    assert "Content Security Policy" in log
    assert re.search(r"<title>\d+ \d+</title>", dom) is None


@pytest.mark.parametrize("width", [360, 1200])
def test_nothing_is_wider_than_the_window(folder: Path, tmp_path: Path, width: int) -> None:
    wrapper = tmp_path / "wrapper.html"
    for page in sorted(folder.glob("*.html")):
        # A window cannot be as narrow as a phone, a frame can.
        wrapper.write_text(
            f"<iframe id=f width={width} height=800 src='{page.as_uri()}'></iframe>{PROBE}", encoding="utf-8"
        )
        dom, _ = chromium(wrapper, tmp_path / "profile", "--allow-file-access-from-files")
        found = re.search(r"<title>(\d+) (\d+)</title>", dom)
        assert found is not None
        assert int(found.group(2)) <= width, page.name
        assert int(found.group(1)) == width
