"""The forms and the addresses of a page, as a browser would send and follow them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Form:
    """Where it goes, and what it sends as it stands: none of the `files` filled in, none of the `buttons` pressed."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)  # name, value, where it goes instead

    @property
    def names(self) -> set[str]:
        return {name for name, _ in self.fields}


class Page(HTMLParser):
    """`forms` of a page, and `addresses` on this site that carry a query: of links, pictures and what htmx asks for."""

    def __init__(self, html: str, path: str) -> None:
        super().__init__()
        self.path = path
        self.forms: dict[str, Form] = {}
        self.addresses: set[str] = set()
        self._form = ""
        self._select = self._text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self._note(given)
        if tag == "form":
            self._form = given.get("id") or f"form {len(self.forms)}"
            self.forms[self._form] = Form(given.get("action") or self.path, given.get("method", "get").lower())
            if address := given.get("hx-post"):
                self.forms[self._form].buttons.append(("", "", address))
        form = self.forms.get(given.get("form") or self._form)
        name = given.get("name")
        if form is None or "disabled" in given:
            return
        if tag == "option" and self._select and ("selected" in given or self._select not in form.names):
            form.fields = [pair for pair in form.fields if pair[0] != self._select or "multiple" in given]
            form.fields.append((self._select, given.get("value", "")))
        if not name:
            return
        kind = given.get("type", "text") if tag == "input" else tag
        if kind == "file":
            form.files.append(name)
        elif kind in ("button", "submit"):
            form.buttons.append((name, given.get("value", ""), given.get("formaction", "")))
        elif kind == "select":
            self._select = name
        elif kind == "textarea":
            form.fields.append((name, ""))
            self._text = name
        elif kind not in ("checkbox", "radio") or "checked" in given or name not in form.names:
            form.fields.append((name, given.get("value", "on")))

    def handle_data(self, data: str) -> None:
        if self._text and (form := self.forms.get(self._form)):
            form.fields = [(name, data if name == self._text else value) for name, value in form.fields]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = ""
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._text = ""

    def _note(self, given: dict[str, str]) -> None:
        for name in ("href", "src", "hx-get"):
            address = urlsplit(given.get(name, ""))
            if address.query and not address.netloc:
                self.addresses.add(f"{address.path or self.path}?{address.query}")


def query_of(address: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(address).query, keep_blank_values=True)
