"""The components of the design system, as `/styleguide/` shows them. Load with `{% load ui %}`.

A tag's arguments are checked by Python, so a misspelled one is an error and not a missing word on a page. Arguments
that end up as HTML attributes are written with underscores: `hx_post=url` is `hx-post="…"`, `data_x=True` is `data-x`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime
from functools import cache, lru_cache
from typing import NamedTuple

from django import template
from django.conf import settings
from django.contrib.messages.storage.base import Message
from django.forms import BoundField
from django.forms.utils import flatatt
from django.http import QueryDict
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from apps.core import tickets
from apps.core.htmx import chosen_theme
from apps.core.icons import ICONS

register = template.Library()

TONES = ("plain", "accent", "success", "warning", "danger", "info")
TONE_ICONS = {
    "plain": "info",
    "accent": "sparkles",
    "success": "circle-check",
    "warning": "triangle-alert",
    "danger": "circle-x",
    "info": "info",
}
WARN_PERCENT, FULL_PERCENT = 75, 90  # product.md, section 2: usage is amber, then red
LINKED = re.compile(r"(https?://[^\s<]+|(?<![\w/])[@#][\w.@-]*\w)")


def tone_of(tone: str) -> str:
    if tone not in TONES:
        raise template.TemplateSyntaxError(f"There is no tone {tone!r}; use one of {', '.join(TONES)}.")
    return tone


def attributes(given: Mapping[str, object]) -> SafeString:
    """`{"hx_post": "/x", "hidden": True, "id": None}` as ` hx-post="/x" hidden`."""
    kept = {
        name.rstrip("_").replace("_", "-"): value for name, value in given.items() if value not in (None, "", False)
    }
    return flatatt(kept)


@register.simple_tag
def flat(attributes: Mapping[str, object]) -> SafeString:
    """A widget's attributes, as django/forms/widgets/attrs.html writes them with a loop for each of all controls."""
    return flatatt(attributes)


@register.simple_tag
def icon(name: str, size: int = 18, label: str = "") -> SafeString:
    """An icon of the sprite at 16, 18, 24 or 32 px; decoration unless `label` names it."""
    return _icon(name, size, str(label))


@cache  # a page has thirty, and they are the same on every page
def _icon(name: str, size: int, label: str) -> SafeString:
    if name not in ICONS:
        raise template.TemplateSyntaxError(f"The icon {name!r} is not in apps/core/icons.py.")
    return format_html(
        '<svg class="icon{}"{}><use href="{}#{}"></use></svg>',
        "" if size == 18 else f" icon-{size}",
        format_html(' role="img" aria-label="{}"', label) if label else mark_safe(' aria-hidden="true"'),
        static("icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> str:
    """The person's explicit choice, "light" or "dark", or nothing when the system decides."""
    request = context.get("request")
    return chosen_theme(request) if request else ""


@register.simple_tag
def drawn(template_name: str, **seen: Hashable) -> SafeString:
    """A template that sees these values and nothing else, drawn once for each set of them and language.

    Not a lazy value, which would be kept with whatever it is made from."""
    return _drawing(template_name)(get_language(), **seen)


@cache
def _drawing(template_name: str) -> Callable[..., SafeString]:
    """Each template keeps its own drawings: what is typed in composers must not push out the rails."""

    @lru_cache(512)  # the largest have some 4 KB: a hundred workspaces on five pages
    def draw(language: str, **seen: Hashable) -> SafeString:
        return render_to_string(template_name, seen)

    return draw


@register.inclusion_tag("components/button.html")
def button(
    label: str,
    *,
    href: str = "",
    kind: str = "quiet",
    icon: str = "",
    icon_only: bool = False,
    size: str = "",
    wide: bool = False,
    type: str = "submit",
    busy: str = "",
    is_busy: bool = False,
    disabled: str = "",
    **attrs: object,
) -> dict:
    """A button, or a link that looks like one when `href` is given.

    kind: primary, quiet, danger, plain. `icon_only` keeps the label for those who cannot see. `busy` is what the button
    says while its form is sent. `disabled` is the reason it cannot be used, shown below it.
    """
    classes = ["button"] + [f"button-{kind}"] * (kind != "quiet") + ["button-icon"] * icon_only
    classes += ["button-small"] * (size == "small") + ["button-wide"] * wide
    return {
        "label": label,
        "href": "" if disabled else href,
        "classes": " ".join(classes),
        "icon": icon,
        "icon_only": icon_only,
        "type": "button" if disabled else type,
        "busy": busy,
        "is_busy": is_busy,
        "reason": disabled,
        "attrs": attributes(attrs),
    }


@register.simple_tag
def field(bound: BoundField, *, label: str = "", help: str = "", optional: bool = False, **attrs: object) -> SafeString:
    """One form field with label, help, errors and counter; `attrs` go to the control itself."""
    if label:
        bound.label = label
    if help:
        bound.help_text = help
    bound.field.widget.attrs.update({name.replace("_", "-"): value for name, value in attrs.items()})
    bound.says_optional = optional  # read by components/field.html
    return bound.as_field_group()


@register.filter
def counted(bound: BoundField) -> dict | None:
    """Used and allowed characters of a field that states `data-counter`, else None."""
    allowed = bound.field.widget.attrs.get("data-counter")
    if not allowed:
        return None
    used = len(str(bound.value() or ""))
    return {"used": used, "allowed": int(allowed), "over": used > int(allowed)}


@register.filter
def widget_kind(bound: BoundField) -> str:
    """What components/field.html lays out differently: check, group or line."""
    widget = bound.field.widget
    if getattr(widget, "input_type", "") == "checkbox" and not widget.use_fieldset:
        return "check"
    return "group" if widget.use_fieldset else "line"


@register.inclusion_tag("components/badge.html")
def badge(label: str, tone: str = "plain", *, icon: str = "") -> dict:
    return {"label": label, "tone": tone_of(tone), "icon": icon}


@register.inclusion_tag("components/meter.html")
def meter(label: str, used: int, allowed: int, *, note: str = "") -> dict:
    """A bar of how much is used: red from 90 %, amber from 75 %; nothing allowed reads as full."""
    percent = 100 if not allowed else min(100, round(100 * used / allowed))
    state = "full" if percent >= FULL_PERCENT else "warn" if percent >= WARN_PERCENT else "ok"
    return {"label": label, "used": used, "allowed": allowed, "percent": percent, "state": state, "note": note}


@register.inclusion_tag("components/empty_state.html")
def empty_state(icon: str, title: str, why: str, *, action: str = "", href: str = "", action_icon: str = "") -> dict:
    """What this is, why it is worth it, one button."""
    return {"icon": icon, "title": title, "why": why, "action": action, "href": href, "action_icon": action_icon}


@register.inclusion_tag("components/upgrade_card.html")
def upgrade_card(title: str, gives: str, *, price: str = "", action: str = "", href: str = "", later: str = "") -> dict:
    """What the next plan gives, its price, one button and `later`, the address of "not now"."""
    return {"title": title, "gives": gives, "price": price, "action": action, "href": href, "later": later}


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: template.Context, *, newer: str = "", older: str = "", label: str = "") -> dict:
    """Links of a list read by key: `newer` and `older` are cursors, empty at the ends."""
    return {
        "newer": newer and query(context, after=None, before=newer),
        "older": older and query(context, before=None, after=older),
        "label": label,
    }


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: object) -> str:
    """The page's own query string with some values changed; None takes one away."""
    params: QueryDict = context["request"].GET.copy()
    for name, value in changes.items():
        params.pop(name, None)
        if value is not None:
            params[name] = str(value)
    return f"?{params.urlencode()}"


@register.inclusion_tag("components/stepper.html")
def stepper(steps: Iterable[str], current: int) -> dict:
    """Numbered steps of a short way; `current` counts from 1."""
    steps = list(steps)
    states = ["done" if n < current else "current" if n == current else "ahead" for n in range(1, len(steps) + 1)]
    return {"steps": [{"label": label, "state": state} for label, state in zip(steps, states, strict=True)]}


@register.inclusion_tag("components/tabs.html")
def tabs(entries: Iterable[Mapping], *, label: str) -> dict:
    """Tabs that are links. Each entry: label, url, is_current, and count where there is one."""
    return {"entries": entries, "label": label}


@register.inclusion_tag("components/timeline.html")
def timeline(lines: Iterable) -> dict:
    """What happened, oldest first. Each line has at, text, level (a tone), and detail and url that may be empty."""
    return {"lines": lines, "icons": TONE_ICONS}


@register.inclusion_tag("components/score_card.html")
def score_card(parts: Iterable[Mapping], *, total: int | None, band: str = "", passes: bool = True) -> dict:
    """Five bars with numbers. Each part: label, value (0 to 100, None: could not be measured), note."""
    parts = list(parts)
    return {
        "parts": parts,
        "total": total,
        "band": band,
        "passes": passes,
        "measured": sum(part.get("value") is not None for part in parts),
        "count": len(parts),
    }


@register.simple_tag
def post_preview(
    network: str,
    *,
    name: str,
    handle: str,
    text: str,
    pictures: Iterable = (),
    avatar: str = "",
    at: datetime | None = None,
) -> SafeString:
    """A post as its network shows it. Each picture has `url` and `alt_text`."""
    shown = tuple(Picture(**picture) for picture in pictures)
    day = date_format(timezone.localtime(at), gettext("j M")) if at else ""
    return _post_preview(Preview(network, name, handle, text, shown, avatar, day), get_language())


class Picture(NamedTuple):
    url: str
    alt_text: str


class Preview(NamedTuple):
    """What a post looks like on a network. Equal ones look the same."""

    network: str
    name: str
    handle: str
    text: str
    pictures: tuple[Picture, ...]
    avatar: str
    day: str


@lru_cache(1024)  # one a profile: all are drawn anew when words change, and none when a composer is opened
def _post_preview(preview: Preview, language: str) -> SafeString:
    return render_to_string("components/post_preview.html", preview._asdict())


@register.filter
def linked(text: str) -> SafeString:
    """Text with its addresses, mentions and tags marked as links look (they go nowhere: this is a preview)."""
    parts = LINKED.split(str(text))
    return mark_safe(  # noqa: S308 (every part is escaped)
        "".join(
            f'<span class="preview-link">{conditional_escape(part)}</span>' if n % 2 else conditional_escape(part)
            for n, part in enumerate(parts)
        )
    )


@register.inclusion_tag("components/skeleton.html")
def skeleton(lines: int = 3, *, picture: bool = False, label: str = "") -> dict:
    return {"lines": range(lines), "picture": picture, "label": label}


@register.simple_tag
def network_mark(key: str, label: str = "") -> SafeString:
    """The network's small mark in its own colour: the only place where that colour is used."""
    return _network_mark(key, str(label))


@cache  # as with icons
def _network_mark(key: str, label: str) -> SafeString:
    known = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="network" {}><use href="{}#network-{}"></use></svg>', known, static("icons.svg"), key
    )


@register.inclusion_tag("components/mark.html")
def mark(name: str, url: str = "", *, small: bool = False, round: bool = False) -> dict:
    """A brand's or person's picture, or the first letter of the name."""
    return {"letter": name[:1], "url": url, "small": small, "round": round}


@register.inclusion_tag("components/toast.html")
def toast(message: Message | str, *, tone: str = "") -> dict:
    """A short note that leaves by itself. Markup in a message (an undo form) must be marked safe by its maker."""
    return {"message": message, "tone": tone or getattr(message, "level_tag", "")}


@register.simple_block_tag
def card(content: str, *, title: str = "", help: str = "", kind: str = "", id: str = "") -> SafeString:
    """`{% card title=… %}…{% endcard %}`; kind "sunken" steps back."""
    head = format_html('<h2 class="card-title">{}</h2>', title) if title else ""
    note = format_html('<p class="muted">{}</p>', help) if help else ""
    classes = f"card card-{kind}" if kind else "card"
    return format_html('<section class="{}"{}>{}{}{}</section>', classes, attributes({"id": id}), head, note, content)


@register.simple_block_tag
def banner(content: str, *, tone: str = "info", title: str = "") -> SafeString:
    """A note that stays: what happened, what we did about it, what you can do. Links and buttons go inside."""
    return format_html(
        '<div class="banner banner-{}"{}>{}<div class="banner-words">{}{}</div></div>',
        tone_of(tone),
        mark_safe(' role="alert"') if tone == "danger" else "",
        icon(TONE_ICONS[tone]),
        format_html("<strong>{}</strong>", title) if title else "",
        content,
    )


@register.simple_block_tag
def menu(
    content: str, *, label: str, icon_name: str = "", icon_only: bool = False, kind: str = "", place: str = ""
) -> SafeString:
    """A `<details>` that js/menu.js gives arrow keys, Escape and closing; entries carry the class `menu-item`.

    place: any of "end" (right edge), "up" (above).
    """
    values = {"label": label, "icon": icon_name, "icon_only": icon_only, "kind": kind, "place": place}
    return render_to_string("components/menu.html", {**values, "content": content})


@register.simple_block_tag
def dialog(content: str, *, id: str, title: str, kind: str = "") -> SafeString:
    """A `<dialog>`; open it with `<a href="#id" data-dialog="id">`. kind: "" or "wide" or "sheet"."""
    return render_to_string("components/dialog.html", {"content": content, "id": id, "title": title, "kind": kind})


@register.simple_tag
def live(kind: str, pk: object, *, every: int) -> SafeString:
    """Attributes of the one element of a page that looks again when a row changes: told by the events process, else
    every so many milliseconds (js/live.js). Only on pages whose access was checked: they let the browser listen."""
    topic = tickets.topic(kind, pk)
    source = f"{settings.EVENTS_URL}?ticket={tickets.make(topic)}" if settings.EVENTS_URL else ""
    return attributes({"hx_trigger": "look", "data_live": topic, "data_live_every": every, "data_live_from": source})


@register.filter
def lookup(mapping: Mapping, key: object) -> object:
    """The mapping's value under a key that is only known on the page."""
    return mapping.get(key)


@register.filter
def zone_name(moment: datetime | None = None) -> str:
    """The place part of the current zone as people say it: "Berlin" for Europe/Berlin."""
    return timezone.get_current_timezone_name().rpartition("/")[2].replace("_", " ")
