"""axe in a browser: what it finds on the page that is open. https://github.com/dequelabs/axe-core"""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SERIOUS = frozenset({"serious", "critical"})
ANY = frozenset({"minor", "moderate"}) | SERIOUS
SEEN = ("color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable")  # what the sheets decide


def serious(page: Page) -> list[str]:
    """Findings of serious or critical impact, as "rule: selector and how to mend it"."""
    return findings(page, SERIOUS)


def findings(page: Page, impacts: frozenset[str] = ANY, rules: tuple[str, ...] = ()) -> list[str]:
    """Findings of these impacts, of every rule unless `rules` names some."""
    options: dict[str, object] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    if page.evaluate("document.contentType") != "text/html":
        return ["This is no page."]  # in a picture axe never ends
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in page.evaluate("options => axe.run(options).then(results => results.violations)", options)
        if rule["impact"] in impacts
        for node in rule["nodes"]
    ]
