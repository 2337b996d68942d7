"""Components: what a person reads and what a screen reader hears."""

import gc
import re
import weakref
from types import SimpleNamespace

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils.functional import SimpleLazyObject

from apps.core import widgets
from apps.core.templatetags import ui


def render(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context)).strip()


class NameForm(forms.Form):
    name = forms.CharField(help_text="As people say it.")
    text = forms.CharField(required=False, widget=forms.Textarea(attrs={"data-counter": "10"}))


def test_icon_is_decoration_unless_named():
    assert 'aria-hidden="true"' in render('{% icon "calendar" %}')
    assert 'role="img" aria-label="Calendar"' in render('{% icon "calendar" label="Calendar" %}')


def test_icon_refuses_what_the_sprite_lacks():
    with pytest.raises(TemplateSyntaxError):
        render('{% icon "no-such-icon" %}')


def test_button_that_shows_only_an_icon_has_a_name():
    assert 'aria-label="Edit"' in render('{% button "Edit" icon="pencil" icon_only=True %}')


def test_button_writes_attributes_with_dashes():
    assert ' hx-post="/x"' in render('{% button "Go" hx_post="/x" %}')


def test_button_with_a_reason_cannot_be_used_and_says_why():
    html = render('{% button "Go" href="/x" disabled="Connect a profile first." %}')
    assert 'aria-disabled="true"' in html
    assert 'href="/x"' not in html
    assert 'type="button"' in html
    assert "Connect a profile first." in html


def test_field_ties_label_help_and_error_to_its_control():
    form = NameForm({"name": ""})
    form.is_valid()
    html = render("{% field form.name %}", form=form)
    assert '<label class="field-label" for="id_name">' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html


def test_field_counts_what_is_typed():
    html = render("{% field form.text %}", form=NameForm({"text": "twelve chars"}))
    assert "data-over" in html
    assert "12 / 10" in html


def test_form_renders_its_fields_as_components():
    assert str(NameForm()).count('class="field"') == 2


@pytest.mark.parametrize(
    ("used", "allowed", "state"),
    [(74, 100, "ok"), (75, 100, "warn"), (89, 100, "warn"), (90, 100, "full"), (0, 0, "full")],
)
def test_meter_turns_amber_from_75_and_red_from_90(used, allowed, state):
    assert f"meter-{state}" in render("{% meter 'Posts' used allowed %}", used=used, allowed=allowed)


def test_badge_refuses_an_unknown_tone():
    with pytest.raises(TemplateSyntaxError):
        render("{% badge 'x' 'purple' %}")


def test_pager_keeps_the_rest_of_the_address():
    request = RequestFactory().get("/posts/?state=draft&after=old")
    html = Template("{% load ui %}{% pager newer='n' older='o' %}").render(Context({"request": request}))
    assert re.findall(r'<a [^>]*href="([^"]+)"', html) == ["?state=draft&amp;before=n", "?state=draft&amp;after=o"]


def test_pager_with_one_page_shows_nothing():
    assert render("{% pager %}", request=RequestFactory().get("/")) == ""


def test_score_card_says_what_was_not_measured():
    parts = [{"label": "Brand", "value": 78}, {"label": "Words", "value": None}]
    html = render("{% score_card parts total=78 %}", parts=parts)
    assert "From 1 of 2 parts." in html
    assert "Not measured" in html


def test_linked_marks_addresses_and_escapes_the_rest():
    assert render("{{ text|linked }}", text="<b> https://a.example") == (
        '&lt;b&gt; <span class="preview-link">https://a.example</span>'
    )


def test_banner_of_danger_is_announced():
    assert 'role="alert"' in render('{% banner tone="danger" %}x{% endbanner %}')
    assert 'role="alert"' not in render('{% banner tone="info" %}x{% endbanner %}')


def test_tag_field_drops_empty_and_repeated_words():
    field = widgets.TagField()
    assert field.clean(" Fresh, by hand,, fresh ,Rye") == ["Fresh", "by hand", "Rye"]


def test_tag_field_limits_how_many():
    with pytest.raises(forms.ValidationError):
        widgets.TagField(max_tags=1).clean("a, b")


def test_zoned_date_time_names_its_zone(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    assert "Europe/Berlin" in widgets.ZonedDateTimeInput().render("at", None)


def test_much_that_is_typed_leaves_the_drawings_of_other_templates():
    page = ui.drawn("components/head.html", seen="kept")
    for number in range(600):
        ui.drawn("content/composer/bar_write.html", typed=number)
    assert ui.drawn("components/head.html", seen="kept") is page


def test_what_is_drawn_keeps_the_value_and_not_who_made_it():
    class Request:
        """What a lazy frame is made from."""

    request = Request()
    seen = weakref.ref(request)
    frame = SimpleLazyObject(lambda r=request: SimpleNamespace(place=str(type(r))))
    page = render("{% drawn 'components/head.html' place=frame.place %}", frame=frame)
    del frame
    del request
    gc.collect()
    assert (seen(), "<meta" in page) == (None, True)
