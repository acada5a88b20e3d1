"""Opens GraphiQL in Chromium as a person does, and prints what was there to see, as JSON.

Usage: ``browse.py URL CHROMIUM [FOLDER]``; with FOLDER it takes pictures instead, and puts them there.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright  # type: ignore[import-not-found]

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Whatever else a page asks for is nowhere.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
SIZE = {"width": 1440, "height": 860}
RUN = ".graphiql-execute-button"
EDITOR = ".graphiql-query-editor .view-line"
RESPONSE = "() => __MONACO.editor.getModels().find((model) => model.uri.path.endsWith('response.json')).getValue()"
ANOTHER = """(before) => {
    const shown = document.querySelector(".larder-request");
    return shown !== null && shown.innerText !== before[0];
}"""
WARM = """async () => {
    const [{ query }] = JSON.parse(document.getElementById("larder").textContent).examples;
    for (const channel of ["PICKUP", "DELIVERY"]) {
        const body = JSON.stringify({ query, variables: { channel } });
        await fetch("/graphql", { method: "POST", headers: { "content-type": "application/json" }, body });
    }
}"""
REFUSED = "query Refused { locations { nodes { nme } } }"
RESOLVED = "query Resolved { __schema { queryType { name } } locations { nodes { name } } }"


class Visit:
    """One page, and everything that it asked for or complained of."""

    def __init__(self, browser: Browser, url: str, scheme: str) -> None:
        self.url = url
        self.requested: list[str] = []
        self.complaints: list[str] = []
        context = browser.new_context(viewport=SIZE, color_scheme=scheme, reduced_motion="reduce")
        context.on("request", lambda request: self.requested.append(request.url))
        self.page: Page = context.new_page()
        self.page.on("console", self.heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(f"{url}/graphiql")
        self.page.wait_for_selector(EDITOR)
        # Without the schema the editor validates nothing.
        self.page.wait_for_function("() => __MONACO.editor.getModels().length >= 4")

    def heard(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def run(self) -> dict[str, Any]:
        """Run what is in the editor; what the panel shows when all of it is there."""
        before = self.page.locator(".larder-request").all_inner_texts()
        self.page.click(RUN)
        self.page.wait_for_function(ANOTHER, arg=before)
        self.page.wait_for_selector(".larder-freshness, .larder-badge.bad")
        return self.panel()

    def panel(self) -> dict[str, Any]:
        page = self.page
        texts = {
            "badges": ".larder-badges .larder-badge",
            "phases": ".larder-phases li",
            "headings": ".larder-panel h2",
            "notes": ".larder-panel .larder-note",
            "statements": ".larder-statements summary",
            "freshness": ".larder-freshness tr",
        }
        return {name: page.locator(found).all_inner_texts() for name, found in texts.items()} | {
            "sql": page.locator(".larder-statements pre").all_text_contents(),
            "bar": page.locator(".larder-bar").count() and page.locator(".larder-bar").bounding_box()["width"],
            "filled": sum(one.bounding_box()["width"] for one in self.parts()),
        }

    def parts(self) -> list[Any]:
        """The phases of the bar."""
        found: list[Any] = self.page.locator(".larder-bar span").all()
        return found

    def write(self, text: str) -> None:
        """Open a tab with this text, of a named operation."""
        self.page.click(".graphiql-tab-add")
        self.page.click(".graphiql-query-editor .monaco-editor")
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)
        self.wait_for_tab(text.split()[1])

    def wait_for_tab(self, name: str) -> None:
        """Until the editor has read the operation: with the name goes which operation is run."""
        self.page.wait_for_selector(f".graphiql-tab-active:has-text('{name}')")

    def response(self) -> Any:
        return json.loads(self.page.evaluate(RESPONSE))


def browse(browser: Browser, url: str) -> dict[str, Any]:
    """A visit from the first example to the explorer."""
    visit = Visit(browser, url, "light")
    page = visit.page
    seen: dict[str, Any] = {"tabs": page.locator(".graphiql-tab").all_inner_texts(), "first": visit.run()}
    seen["response"] = visit.response()
    seen["again"] = visit.run()
    page.click("button[aria-label='Show GraphiQL Explorer']")
    page.wait_for_selector(".graphiql-explorer-root")
    seen["explorer"] = page.locator(".graphiql-explorer-root").inner_text()
    page.click("button[aria-label='Show Examples']")
    page.click(".larder-examples button >> nth=1")
    visit.wait_for_tab("Locations")
    seen["opened"] = visit.run()
    visit.write(RESOLVED)
    seen["resolved"] = visit.run()
    seen["complaints"] = list(visit.complaints)
    visit.write(REFUSED)
    seen["refused"] = visit.run()
    seen["foreign"] = [asked for asked in visit.requested if not asked.startswith(url)]
    seen["requests"] = len(visit.requested)
    return seen


def picture(browser: Browser, url: str, scheme: str, path: Path) -> None:
    """A picture of the first example: in the light when it is executed, in the dark when its answer was kept."""
    visit = Visit(browser, url, scheme)
    page = visit.page
    if scheme == "light":
        # The first one of all compiles.
        page.evaluate(WARM)
    visit.run()
    if scheme == "dark":
        page.click("button[aria-label='Show GraphiQL Explorer']")
        page.wait_for_selector(".graphiql-explorer-root")
    page.mouse.move(700, 855)
    page.wait_for_timeout(500)
    page.screenshot(path=path)


def main(url: str, chromium: str, folder: str = "") -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        if folder:
            for scheme in ("light", "dark"):
                picture(browser, url, scheme, Path(folder) / f"graphiql-{scheme}.png")
        else:
            json.dump(browse(browser, url), sys.stdout)
        browser.close()


main(*sys.argv[1:])
