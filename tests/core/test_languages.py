"""The second language: how its file is compiled, what it covers, and that the main pages speak it throughout."""

from __future__ import annotations

import gettext
import io
import re
from html.parser import HTMLParser

import polib
import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from apps.accounts.catalog import Setup
from apps.accounts.models import User, Workspace
from apps.content import mailing
from apps.content.models import Publication
from apps.core import languages
from apps.social.mailing import mail_reconnect
from apps.social.models import Status
from tests.factories import make_channel, make_due, make_plans, make_post, make_scheduled, make_user, make_workspace

pytestmark = pytest.mark.django_db
SOURCE = languages.SOURCES / "de" / "LC_MESSAGES" / "django.po"
ENTRIES = [entry for entry in polib.pofile(str(SOURCE)) if not entry.obsolete]
SHARE = 55  # per cent of all sentences, as docs/decisions/house.md states it; never less
PLACE = re.compile(r"%\((\w+)\)[sd]|</?\w[^>]*>")


def german_of(entry: polib.POEntry) -> list[str]:
    """The translation, one a form of number; empty where there is none."""
    return [entry.msgstr_plural[n] for n in sorted(entry.msgstr_plural)] or [entry.msgstr]


def test_compiled_file_is_read_by_gettext(tmp_path):
    source = tmp_path / "django.po"
    source.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
        '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
        '# said\n#: a.py\nmsgid "Draft"\nmsgstr "Entwurf"\n\n'
        'msgctxt "of rope"\nmsgid "Draft"\nmsgstr "Zug"\n\n'
        'msgid "%(n)s \\"day\\""\nmsgid_plural "%(n)s days"\nmsgstr[0] "%(n)s Tag"\nmsgstr[1] ""\n"%(n)s Tage"\n\n'
        '#, fuzzy\nmsgid "Guess"\nmsgstr "Raten"\n\nmsgid "Later"\nmsgstr ""\n\n#~ msgid "Old"\n#~ msgstr "Alt"\n',
        encoding="utf-8",
    )
    found = gettext.GNUTranslations(io.BytesIO(languages.compiled(source)))
    assert [found.gettext(text) for text in ("Draft", "Guess", "Later", "Old")] == ["Entwurf", "Guess", "Later", "Old"]
    assert found.pgettext("of rope", "Draft") == "Zug"
    assert [found.ngettext('%(n)s "day"', "%(n)s days", n) for n in (0, 1, 2)] == [
        "%(n)s Tage",
        "%(n)s Tag",
        "%(n)s Tage",
    ]


def test_file_is_compiled_anew_only_when_its_source_is_younger(settings, tmp_path):
    settings.LOCALE_PATHS = [languages.SOURCES, tmp_path]
    languages.build()
    target = tmp_path / "de" / "LC_MESSAGES" / "django.mo"
    target.write_bytes(b"kept")
    languages.build()
    assert target.read_bytes() == b"kept"
    target.touch()
    target.unlink()
    languages.build()
    assert target.read_bytes() == languages.compiled(SOURCE)


TRANSLATED = [entry for entry in ENTRIES if entry.translated()]


def test_share_of_german_is_what_is_stated():
    assert 100 * len(TRANSLATED) // len(ENTRIES) == SHARE


@pytest.mark.parametrize("entry", TRANSLATED, ids=lambda entry: entry.msgid[:40])
def test_translation_has_the_same_places_and_marks(entry):
    """A form of one may leave out the number."""
    wanted = set(PLACE.findall(entry.msgid_plural or entry.msgid))
    found = [set(PLACE.findall(text)) for text in german_of(entry)]
    assert (found[-1], found[0] | wanted) == (wanted, wanted)


# -- no English on the main pages


class Words(HTMLParser):
    """What a page shows or says: its texts, and the attributes that are read out."""

    SAID = ("alt", "title", "aria-label", "placeholder", "data-busy", "data-reveal", "content")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.is_code = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.is_code = tag in ("script", "style", "option")  # options hold zones and names
        self.found |= {" ".join(value.split()) for name, value in attrs if name in self.SAID and value}

    def handle_endtag(self, tag):
        self.is_code = False

    def handle_data(self, data):
        if not self.is_code and data.strip():
            self.found.add(" ".join(data.split()))


def pattern(sentence: str) -> str:
    pieces = re.split(r"%\(\w+\)[sd]", " ".join(sentence.split()))
    return "(.+)".join(map(re.escape, pieces))


def english_of(entry: polib.POEntry) -> list[str]:
    """The sentence's forms."""
    return [text for text in (entry.msgid, entry.msgid_plural) if text]


SAME = {text for entry in ENTRIES for text in english_of(entry) if text in german_of(entry)}
GERMAN = {" ".join(text.split()) for entry in ENTRIES for text in german_of(entry)}
ENGLISH = re.compile(
    "|".join(
        pattern(text)
        for entry in ENTRIES
        for text in english_of(entry)
        if text not in SAME | GERMAN and re.search(r"[A-Za-z]{3}", PLACE.sub("", text)) and "<" not in text
    )
)


def english_in(words: set[str]) -> set[str]:
    return {text for text in words if ENGLISH.fullmatch(text)}


@pytest.fixture
def scene(client):
    """A German owner with a workspace in which something of every kind is to be seen."""
    make_plans()
    owner = make_user(name="Mara Linden", language="de")
    workspace = make_workspace(name="Café Linden")
    workspace.organization.memberships.update(user=owner)
    channel = make_channel(workspace=workspace)
    scheduled = make_scheduled(channels=[channel], text="Brot ab sieben")
    make_post(channels=[channel], text="Kuchen")
    client.force_login(owner)
    return workspace, scheduled


def test_pages_for_strangers_speak_the_browser_s_language(client):
    make_plans()
    names = ("home", "account_login", "account_signup", "account_reset_password", "terms", "privacy", "imprint")
    pages = {name: client.get(reverse(name), headers={"Accept-Language": "de-AT,de;q=0.9"}) for name in names}
    assert {name: english_in(Words(page.text).found) for name, page in pages.items()} == {name: set() for name in names}
    assert {page["Content-Language"] for page in pages.values()} == {"de"}


def test_main_pages_speak_the_person_s_language(client, scene):
    workspace, post = scene
    day = timezone.localtime(post.due_at, workspace.zone)
    names = ("calendar", "post_list", "post_new", "channel_list", "channel_new")
    paths = [reverse(name, args=[workspace.slug]) for name in names]
    paths += [reverse(name, args=[workspace.slug, post.pk]) for name in ("post_detail", "post_edit", "post_move")]
    paths += [reverse("calendar_day", args=[workspace.slug, day.year, day.month, day.day]), reverse("organization_new")]
    paths += [reverse("person_edit"), reverse("channel_connect", args=[workspace.slug, "bluesky"])]
    pages = {path: client.get(path, headers={"Accept-Language": "en"}) for path in paths}
    assert {path: english_in(Words(page.text).found) for path, page in pages.items()} == {path: set() for path in paths}
    assert {page.status_code for page in pages.values()} == {200}


def test_setting_up_speaks_german_to_its_first_words(client, scene):
    workspace, _post = scene
    found = set()
    for setup in (Setup.BRAND, Setup.PROFILE):
        Workspace.objects.update(setup=setup)
        found |= Words(client.get(workspace.get_absolute_url(), follow=True).text).found
    page = client.post(reverse("start_post", args=[workspace.slug]), follow=True)
    assert english_in(found | Words(page.text).found) == set()
    post = page.context["form"].post
    assert (post.language, post.text.splitlines()[0]) == ("de", "Hallo, hier ist Café Linden.")


def test_errors_speak_german(client, scene):
    workspace, post = scene
    paths = ["/nothing/", reverse("post_cancel", args=[workspace.slug, post.pk])]
    pages = [client.get(path, headers={"Accept-Language": "de"}) for path in paths]
    pages.append(client.post(reverse("post_uncancel", args=[workspace.slug, post.pk])))
    assert [page.status_code for page in pages] == [404, 405, 409]
    assert [english_in(Words(page.text).found) for page in pages] == [set(), set(), set()]


def test_an_english_sentence_is_found():
    """Otherwise the pages above would prove nothing."""
    page = "<p>Saved.</p><img alt='Sample card'><b>12 posts. Times are those of Berlin.</b><i>Gespeichert.</i>"
    assert english_in(Words(page).found) == {"Saved.", "Sample card", "12 posts. Times are those of Berlin."}


def test_dates_and_numbers_of_things_are_german(client, scene, time_machine):
    workspace, post = scene
    Workspace.objects.update(time_zone="Europe/Berlin")
    time_machine.move_to("2026-11-20T08:00:00Z")
    make_scheduled(channels=[post.publications.get().channel], text="Tee")
    text = client.get(reverse("post_list", args=[workspace.slug])).text
    assert "Fr 20. Nov, 10:00" in text
    month = client.get(reverse("calendar", args=[workspace.slug])).text
    assert ("November 2026" in month, ". November</span>" in month) == (True, True)


def test_mails_speak_the_reader_s_language(client, scene):
    _workspace, post = scene
    publication = make_due(channels=[post.publications.get().channel], text="Tee")
    Publication.objects.filter(pk=publication.pk).update(
        status="rejected", asks_person=True, problem="Zu lang.", problem_kind="rejected", next_try_at=None
    )
    mailing.tell_authors()
    channel = publication.channel
    channel.status, channel.told_at = Status.RECONNECT, None
    channel.save()
    mail_reconnect(channel.pk)
    assert [message.subject for message in mail.outbox] == [
        "Ein Beitrag braucht dich: Café Linden",
        f"Verbinde {channel.handle} auf Sandbox wieder",
    ]
    lines = {line for message in mail.outbox for line in message.body.splitlines()}
    assert english_in(lines) == set()


def test_language_is_chosen_on_the_person_s_page_and_kept_at_sign_up(client):
    user = make_user()
    client.force_login(user)
    page = client.get(reverse("person_edit"), headers={"Accept-Language": "de"})
    assert 'lang="de"' in page.text
    client.post(reverse("person_edit"), {"name": "Ada", "time_zone": "UTC", "language": "en"})
    assert 'lang="en"' in client.get(reverse("person_edit"), headers={"Accept-Language": "de"}).text
    client.logout()
    typed = {"email": "neu@example.com", "password1": "ein kurzer Satz 7"}
    client.post(reverse("account_signup"), typed, headers={"Accept-Language": "de"})
    assert User.objects.get(email="neu@example.com").language == "de"
