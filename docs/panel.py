"""Take the pictures of docs/panel.md: `python docs/panel.py SITE`, a panel of the sample; needs chromium."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).parent / "panel"
ORGAO = "orgao.html?id=13923952000129"
DESK, PHONE = (1100, 860), (375, 760)


def take(
    browser: Browser, site: Path, page: str, size: tuple[int, int], scheme: str, name: str, top: str = "body"
) -> None:
    """One picture of what is seen below an element, with the cases of its flags."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    shown = context.new_page()
    shown.goto(f"{site.resolve().as_uri()}/{page}")
    shown.locator("main").filter(has_not_text="Carregando").wait_for()
    shown.wait_for_timeout(500)
    shown.locator(f"{top} .flag summary").evaluate_all("all => all.forEach((one) => one.click())")
    shown.locator(top).first.evaluate(
        "one => window.scrollTo(0, one.getBoundingClientRect().top + scrollY - 48)"
    )
    shown.screenshot(path=str(FOLDER / f"{name}.png"))
    context.close()


def main() -> None:
    """Every picture of the page."""
    site = Path(sys.argv[1])
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        take(browser, site, "index.html", DESK, "light", "inicio")
        take(browser, site, ORGAO, DESK, "light", "orgao")
        take(browser, site, ORGAO, PHONE, "dark", "telefone")
        take(browser, site, ORGAO, (1000, 700), "light", "sinais", "section:has(#h-sinais)")
        browser.close()


if __name__ == "__main__":
    main()
