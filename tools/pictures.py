"""Takes the picture of the documents from a running demo, so that it shows what is there.

    .venv/bin/commonground demo --fresh                                                            in one terminal
    .venv/bin/python -m tools.pictures http://127.0.0.1:8000 ingrid.tillman@juniper.example        in another

The second argument is the address of the agency's staff, as the demo prints it. Closes the sign-up of the open round,
forms the groups, and photographs the proposal.
"""

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tools import machine

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
PASSWORD = "common-ground-demo"  # noqa: S105 - public: the demo prints it
LONGEST_SEARCH = 5 * 60_000  # milliseconds


def sign_in(page: Page, email: str) -> None:
    page.goto("/account/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "login" not in url)


def open_a_proposal(page: Page) -> None:
    """From the first round, closed on the way if it still takes sign-ups, to a finished proposal."""
    page.goto("/formation/")
    page.locator("main a[href*='/rounds/']:not([href*='new'])").first.click()
    address = page.url
    if page.locator("a[href$='/close/']").count():
        page.locator("a[href$='/close/']").click()
        page.get_by_role("button", name="Close sign-up").click()
    page.goto(f"{address}proposals/")
    page.get_by_role("button", name="Start the search").click()
    page.get_by_role("link", name="Look at").click(timeout=LONGEST_SEARCH)
    page.wait_for_load_state()


def main(address: str, email: str) -> None:
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=machine.browser(), args=["--no-sandbox"])
        page = browser.new_page(base_url=address, viewport={"width": 1180, "height": 1000}, reduced_motion="reduce")
        page.set_default_timeout(60_000)
        sign_in(page, email)
        open_a_proposal(page)
        page.locator("main figure").first.scroll_into_view_if_needed()
        page.screenshot(path=IMAGES / "proposals.png")
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
