"""Takes the pictures of the documents from a running demo, so that they show what is there.

    commonground demo --fresh                                    in one terminal
    .venv/bin/python -m tools.pictures http://127.0.0.1:8000     in another

Signs in as agency staff, closes the sign-up of the open round, forms the groups, and photographs the proposal.
"""

import re
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from commonground.site.sample.region import PASSWORD
from tools import machine

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
MINUTES = 5


def sign_in(page: Page, email: str) -> None:
    page.goto("/account/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/")


def staff_address(page: Page) -> str:
    """The address of the agency's staff, as the demo prints it."""
    return sys.argv[2]


def propose(page: Page) -> None:
    """From the open round to a finished proposal."""
    page.goto("/formation/")
    page.get_by_role("link", name=re.compile("20\\d\\d")).first.click()
    page.get_by_role("link", name="Close sign-up").click()
    page.get_by_role("button", name="Close sign-up").click()
    page.get_by_role("link", name="Form the groups").first.click()
    page.get_by_role("button", name="Start the search").click()
    page.get_by_role("link", name=re.compile("proposal", re.IGNORECASE)).last.wait_for(timeout=MINUTES * 60_000)


def main(address: str) -> None:
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=machine.browser(), args=["--no-sandbox"])
        page = browser.new_page(base_url=address, viewport={"width": 1180, "height": 820}, reduced_motion="reduce")
        sign_in(page, staff_address(page))
        propose(page)
        page.screenshot(path=IMAGES / "proposals.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
