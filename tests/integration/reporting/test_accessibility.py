"""axe-core on the pages people open first: nothing serious, in light and dark, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]
PAGES = (
    "index.html",
    "00-indonesia.id.html",
    "31-daerah-khusus-ibukota-jakarta.id.html",
    "3171-kota-administrasi-jakarta-pusat.id.html",
    "3171-kota-administrasi-jakarta-pusat.id.checklist.html",
    "dictionary.id.html",
)


# A row made of the same parts as three before it has nothing new to find; in the dictionary these are most.
ALIKE = """() => {
  const seen = new Map();
  const told = ["class", "fill", "role", "scope", "stroke", "style"];
  const given = one => [...one.attributes].map(({name, value}) => told.includes(name) ? name + value : name);
  const parts = one => one.tagName + given(one) + "(" + [...one.children].map(parts) + ")";
  for (const row of document.querySelectorAll("tr")) {
    const made = parts(row), n = (seen.get(made) ?? 0) + 1;
    seen.set(made, n);
    if (n > 3) row.remove();
  }
}"""
EVERY_RULE = {"resultTypes": ["violations"]}
COLOURS = EVERY_RULE | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def findings(browser: Any, page: Path, widths: Sequence[int], schemes: Sequence[str]) -> list[str]:
    """What axe-core calls serious or critical on a page, everything on it unfolded.

    Every rule at every width in the first scheme; of the others, what depends on colours.
    """
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    told = []
    context = browser.new_context(viewport={"width": widths[0], "height": 800}, color_scheme=schemes[0])
    try:
        window = context.new_page()
        window.goto(page.as_uri())
        window.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        # A hundred tables of the dictionary are made of the same parts as its first ten.
        window.evaluate(
            "[...document.querySelectorAll('main section')].slice(15).forEach(one => one.remove())"
        )
        window.evaluate(ALIKE)
        for width, scheme in product(widths, schemes):
            window.set_viewport_size({"width": width, "height": 800})
            window.emulate_media(color_scheme=scheme)
            found = axe.Axe().run(window, options=EVERY_RULE if scheme == schemes[0] else COLOURS)
            told += [
                f"{scheme} {width}: {one['id']} ({one['impact']}): {one['help']}\n  "
                + "\n  ".join(n["html"][:160] for n in one["nodes"][:4])
                for one in found.response["violations"]
                if one["impact"] in ("serious", "critical")
            ]
    finally:
        context.close()
    return told


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious_in_light_and_dark_on_a_desk_and_on_a_phone(
    browser: Any, site: Path, name: str
) -> None:
    told = findings(browser, site / name, (1200, 360), ("light", "dark"))
    assert not told, "\n".join(told)


def test_axe_would_find_pale_text_and_a_drawing_without_words(
    browser: Any, site: Path, tmp_path: Path
) -> None:
    text = (site / PAGES[3]).read_text(encoding="utf-8")
    assert "--muted: #56626e" in text and 'role="img" aria-label="' in text
    broken = text.replace("--muted: #56626e", "--muted: #b6bec6").replace(
        'role="img" aria-label="', 'role="img" data-x="'
    )
    page = tmp_path / "broken.html"
    # The changed style no longer has its hash, so the policy has to go with it.
    page.write_text(broken.replace('http-equiv="Content-Security-Policy"', 'name="none"'), encoding="utf-8")
    told = " ".join(findings(browser, page, (1200,), ("light",)))
    assert "color-contrast" in told and "svg-img-alt" in told
