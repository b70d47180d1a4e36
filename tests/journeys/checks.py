"""What must hold on every page, whatever it is about."""

from dataclasses import dataclass, field

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Error, Page

from tests.journeys.english import english_in

MOST_SHIFT = 0.05  # cumulative layout shift; "good" ends at 0.1
AXE = Axe()
VISIBLE_TEXTS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!parent.closest("script, style, template, [lang]:not(html)") && node.data.trim()) texts.push(node.data);
  }
  return texts.concat([...document.querySelectorAll("[aria-label], [placeholder], [title]")].flatMap(
    (element) => ["aria-label", "placeholder", "title"].map((name) => element.getAttribute(name)).filter(Boolean)));
}"""
# Each shift with its value and, of what moved, the tag, the class and how many pixels down: enough to find the cause.
SHIFTS = """() => new Promise((resolve) => {
  const found = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const moved = entry.sources.map(({node, previousRect: a, currentRect: b}) => {
        const element = node && (node.closest ? node : node.parentElement);
        return `${element ? element.tagName.toLowerCase() : "?"}.${element ? element.className : ""} ${Math.round(b.y - a.y)}`;
      });
      found.push([entry.value, `${Math.round(entry.startTime)} ms: ${moved.join(", ")}`]);
    }
  }).observe({type: "layout-shift", buffered: true});
  requestAnimationFrame(() => setTimeout(() => resolve(found), 0));
})"""


@dataclass
class Watch:
    """Listens to a page and then examines it; `problems` are sentences, each with the address it is about."""

    page: Page
    data: frozenset[str] = frozenset()
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self.heard)
        self.page.on("pageerror", lambda error: self.say(f"script error: {error}"))

    def say(self, problem: str) -> None:
        self.problems.append(f"{self.page.url} {problem}")

    def heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":  # what the Content-Security-Policy refuses is reported here too
            self.say(f"console: {message.text}")

    def visit(self, address: str) -> bool:
        """Open an address; true for a page, false for a file to download or for a part that a script fetches into a page."""
        try:
            response = self.page.goto(address)
        except Error as error:
            if "Download is starting" in str(error):
                return False
            raise
        if response is None or response.status >= 400:
            self.say(f"answers {response.status if response else 'nothing'}")
            return False
        is_page = "text/html" in response.headers.get("content-type", "")
        return is_page and response.text().lstrip().lower().startswith("<!doctype")

    def stays_still(self) -> None:
        shifts = self.page.evaluate(SHIFTS)
        if sum(value for value, _moved in shifts) > MOST_SHIFT:
            self.say(f"moves while it loads: {shifts}")

    def examine(self) -> None:
        self.stays_still()  # first: what axe does to a page on its way is no matter of loading
        for violation in AXE.run(self.page).response["violations"]:
            nodes = "; ".join(node["html"][:160] for node in violation["nodes"][:3])
            self.say(f"axe {violation['id']}: {violation['help']}: {nodes}")
        width = self.page.evaluate("document.documentElement.scrollWidth")
        if width > (self.page.viewport_size or {"width": 0})["width"]:
            self.say(f"is {width} pixels wide: it scrolls sideways")
        if self.page.locator("html").get_attribute("lang") == "es":
            for text in english_in(self.page.evaluate(VISIBLE_TEXTS), self.data):
                self.say(f"speaks English: {text!r}")
