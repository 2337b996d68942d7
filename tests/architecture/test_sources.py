"""What the sources may not contain, whoever writes them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
VIEWS = sorted(
    path
    for pattern in ("views.py", "views/*.py", "api.py", "decorators.py", "developers.py")
    for path in ROOT.glob(f"apps/*/{pattern}")
)
TEMPLATES = sorted([*ROOT.glob("templates/**/*.html"), *ROOT.glob("apps/**/templates/**/*.html")])
MANAGERS = {"objects", "_default_manager", "_base_manager"}

TAG = re.compile(r"<([a-z][a-z0-9-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE | re.DOTALL)
NOT_HTML = re.compile(r"{#.*?#}|{% comment.*?endcomment %}|{%.*?%}|{{.*?}}", re.DOTALL)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def managers_used(source: str) -> list[int]:
    """Lines that reach for a model's manager."""
    tree = ast.parse(source)
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in MANAGERS]


def faults_of(template: str) -> list[str]:
    """What a template must not contain: code or style inline, anything from outside, htmx without a plain way."""
    return [fault for tag in TAG.finditer(NOT_HTML.sub(" ", template)) for fault in _faults(tag[1].lower(), tag[2])]


def _faults(tag: str, attributes: str) -> list[str]:
    found = []
    if tag == "style" or re.search(r"\sstyle\s*=", attributes):
        found.append(f"<{tag}> with inline style")
    if tag == "script" and "src=" not in attributes and "application/json" not in attributes:
        found.append("inline script")
    if re.search(r"\s(on[a-z]+|hx-on[:\w-]*)\s*=", attributes) or re.search(
        r"=\s*[\"']?\s*(javascript|js):", attributes
    ):
        found.append(f"<{tag}> with inline code")
    if tag in ("script", "link", "img", "source", "iframe", "video") and re.search(
        r"(src|href)=\W?(https?:)?//", attributes
    ):
        found.append(f"<{tag}> from outside")
    asks = re.search(r"\shx-(get|post|put|patch|delete)\b", attributes)
    if asks and tag in ("a", "form", "button") and not re.search(r"\s(href|action|formaction|name)\s*=", attributes):
        found.append(f"<{tag}> that only works with htmx")
    return found


@pytest.mark.parametrize("path", VIEWS, ids=name)
def test_views_reach_for_no_manager(path):
    assert managers_used(path.read_text()) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_templates_are_clean(path):
    assert faults_of(path.read_text()) == []


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ('<p style="color: red">', "<p> with inline style"),
        ("<style>p {}</style>", "<style> with inline style"),
        ("<script>alert(1)</script>", "inline script"),
        ('<button type="button" onclick="go()">', "<button> with inline code"),
        ('<form action="." hx-on:click="go()">', "<form> with inline code"),
        ('<a href="javascript:go()">', "<a> with inline code"),
        ('<script src="https://cdn.example.com/x.js"></script>', "<script> from outside"),
        ('<img src="//cdn.example.com/x.png" alt="">', "<img> from outside"),
        ("<button hx-post=\"{% url 'post_list' %}\">", "<button> that only works with htmx"),
        ('<a {% if x > 1 %}class="y"{% endif %} hx-get="/z/">', "<a> that only works with htmx"),
    ],
)
def test_planted_fault_in_template_is_found(template, fault):
    assert fault in faults_of(template)


@pytest.mark.parametrize(
    "template",
    [
        '<a href="/x/" hx-get="/x/">',
        '<form method="post" action="{% url \'x\' %}" hx-post="{% url \'x\' %}">',
        '<script type="application/json" id="facts">{}</script>',
        '<script type="module" src="{% static \'js/x.js\' %}"></script>',
        '<a href="https://bsky.app/profile/x">',
        '{# <p style="x"> #}',
    ],
)
def test_clean_template_passes(template):
    assert faults_of(template) == []


def test_planted_manager_is_found():
    assert managers_used("def view(request):\n    return Post.objects.all()") == [2]
