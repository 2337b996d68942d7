"""The second language: how its file is compiled, that it says everything, and that no page says anything else."""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Iterator
from datetime import timedelta

import polib
import pytest
from allauth.core.context import request_context
from django.urls import reverse
from django.utils import dates, timezone, translation

from apps.accounts import exporting, services
from apps.accounts.adapters import AccountAdapter
from apps.accounts.belongings import summarize
from apps.accounts.catalog import Role, Setup
from apps.accounts.models import Export, OutgoingMail, User, Workspace
from apps.brand.catalog import FONTS
from apps.content import publishing, settling, wording
from apps.content.catalog import Hold
from apps.content.models import Post, Publication, Suggestion
from apps.content.telling import tell_authors
from apps.core import clock, languages
from apps.core.networks import NETWORKS
from apps.imaging import generation
from apps.imaging.models import Generation
from apps.media import checking
from apps.plans.catalog import Limit
from apps.plans.models import Standing
from apps.plans.signals import limit_neared
from apps.social import providers, refreshing
from apps.social.models import Status
from apps.social.providers.sandbox import Fault
from apps.social.telling import tell_of_lost
from tests.architecture import table
from tests.core import sentences
from tests.core.sentences import Words
from tests.factories import (
    make_asset,
    make_brand,
    make_candidate,
    make_channel,
    make_choice,
    make_due,
    make_export,
    make_fault,
    make_plans,
    make_post,
    make_scheduled,
    make_suggestion,
    make_user,
    make_workspace,
)
from tests.factories.accounts import PASSWORD

pytestmark = pytest.mark.django_db
SOURCE = languages.SOURCES / "de" / "LC_MESSAGES" / "django.po"
ENTRIES = [entry for entry in polib.pofile(str(SOURCE)) if not entry.obsolete]
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


def test_catalogue_holds_what_is_said_and_nothing_else():
    """docs/decisions/house.md says how a new sentence gets into it."""
    assert sentences.said() ^ {(entry.msgctxt, entry.msgid) for entry in ENTRIES} == set()


def test_everything_is_said_in_german():
    assert [entry.msgid for entry in ENTRIES if not entry.translated()] == []


def test_sentences_are_found_in_code_and_templates():
    """Otherwise the catalogue could lack them and nobody would know."""
    code = '_("One") % ngettext_lazy("Two", "Twos", n) + pgettext("of rope", "Three" " and four") + gettext(five)'
    template = (
        '{% translate "One" %}{% blocktranslate count n=n %}{{ n }} two{% plural %}{{ n }} twos{% endblocktranslate %}'
        '{{ day|date:_("j M") }}{% translate "Draft" context "of rope" as draft %}{# translate "Six" #} _("Seven")'
    )
    assert set(sentences.said_in(code)) == {(None, "One"), (None, "Two"), ("of rope", "Three and four")}
    assert set(sentences.said_in_template(template)) == {
        (None, "One"),
        (None, "%(n)s two"),
        (None, "j M"),
        ("of rope", "Draft"),
    }


def test_translations_have_the_same_places_and_marks():
    """A form of one may leave out what stands in that of many too: the number."""

    def is_same(entry: polib.POEntry) -> bool:
        one, many = (set(PLACE.findall(text)) for text in (entry.msgid, entry.msgid_plural or entry.msgid))
        found = [set(PLACE.findall(text)) for text in german_of(entry)]
        return found[-1] == many and (one - many if entry.msgid_plural else one) <= found[0] <= one

    assert [entry.msgid for entry in ENTRIES if not is_same(entry)] == []


# -- nothing but German on the pages


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
    """Texts that are an English sentence of the catalogue."""
    return {text for text in words if ENGLISH.fullmatch(text)}


def parts_of(text: str) -> Iterator[str]:
    """A text's sentences and what marks part in it, in capitals at the front; those without a word are left out."""
    for part in re.split(r"</?\w[^>]*>| · |(?<=\D[.:?]) ", " ".join(text.split())):
        if re.search(r"[^\W\d_]{3}", PLACE.sub("", part)):
            part = re.sub(r"^\d\. ", "", part).strip(" :,+")
            yield part[:1].upper() + part[1:]


SAID = re.compile("|".join({pattern(part) for text in GERMAN for part in parts_of(text)}))
GIVEN = re.compile(  # what no language changes: names, handles, addresses, and what the scene's people wrote
    r"Lily|Ada( Lovelace)?|Café Ada|Page \d+|Fresh bread|Rye bread is back|Rye is back\.|Lily's own words\."
    r"|Cardamom buns, warm from eight|bread\.jpg|\S+@\S+|@\S+|\w+ \(@\w+\.sandbox\)|https?:\S+|#[0-9a-f]{6}"
    r"|English|Deutsch|UTC|[A-Z][\w-]+/[\w/ -]+|(grok|gpt)-[\w.-]+|"
    + "|".join([*FONTS, *(network.label for network in NETWORKS.values())]),
    re.IGNORECASE,
)
DAYS = (*dates.WEEKDAYS.values(), *dates.WEEKDAYS_ABBR.values(), *dates.MONTHS.values(), *dates.MONTHS_3.values())
with translation.override("de"):
    DAY = re.compile(rf"({'|'.join(str(name).capitalize() for name in DAYS)}|[\d:., ])+")


def not_german_in(page: str) -> set[str]:
    """Sentences of a page that the catalogue does not say in German: English, or never given to gettext."""
    parts = {part for text in Words(page).found for part in parts_of(text)}
    return {part for part in parts if not any(known.fullmatch(part) for known in (SAID, GIVEN, DAY))}


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


PAGES = [
    address
    for address in table.addresses()
    if "GET" in getattr(address.view, "methods", ("GET",)) and not address.is_api and address.access != "operator"
    if address.is_ours or not (address.parameters or address.route.startswith("admin/"))
]


@pytest.mark.parametrize("address", PAGES, ids=str)
def test_page_says_nothing_but_german(client, address):
    scene = table.make_scene()
    User.objects.filter(pk=scene.owner.pk).update(language="de")
    client.force_login(scene.owner)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})  # some pages ask for it
    page = client.get(table.path_of(address, scene), headers={"Accept-Language": "de"})
    shown = page.getvalue()
    assert not_german_in(shown.decode() if page.get("Content-Type", "").startswith("text/html") else "") == set()


@pytest.fixture
def moving_clock():
    yield clock.move
    clock.reset()


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
    """Otherwise the pages above would prove nothing, and neither would those without a word that gettext was not
    given."""
    page = "<p>Saved.</p><img alt='Sample card'><b>12 posts. Times are those of Berlin.</b><i>Gespeichert.</i>"
    assert english_in(Words(page).found) == {"Saved.", "Sample card", "12 posts. Times are those of Berlin."}
    assert not_german_in(f"{page}<p>Never wrapped</p><p>Fr 20. Nov · Café Ada</p>") == {
        "Saved.",
        "Sample card",
        "12 posts.",
        "Times are those of Berlin.",
        "Never wrapped",
    }


def test_dates_and_numbers_of_things_are_german(client, scene, time_machine):
    workspace, post = scene
    Workspace.objects.update(time_zone="Europe/Berlin")
    time_machine.move_to("2026-11-20T08:00:00Z")
    make_scheduled(channels=[post.publications.get().channel], text="Tee")
    text = client.get(reverse("post_list", args=[workspace.slug])).text
    assert "Fr 20. Nov, 10:00" in text
    month = client.get(reverse("calendar", args=[workspace.slug])).text
    assert ("November 2026" in month, ". November</span>" in month) == (True, True)


def test_what_goes_with_a_workspace_has_german_names(scene):
    """The names are those of the models, which no catalogue page shows one by one."""
    workspace, _post = scene
    make_brand(workspace=workspace)
    make_suggestion(workspace=workspace)
    make_candidate(workspace=workspace)
    make_asset(workspace=workspace)
    make_choice(workspace=workspace, user=workspace.organization.memberships.get().user)
    with languages.speaking("de"):
        names = {name for name, _count in summarize(workspace)}
    assert names == {
        *("Beiträge", "Beiträge auf Profilen", "Bild", "Bildwunsch", "Marke", "Profil", "Version der Marke"),
        *("erste Fassung", "laufende Anmeldung"),
    }


def test_numbers_are_written_as_the_reader_writes_them(client):
    make_plans()
    page = client.get(reverse("home"), headers={"Accept-Language": "de"}).text
    assert ("<dd>20.000</dd>" in page, "20000" in page) == (True, False)


def test_mails_speak_the_reader_s_language(client, scene):
    _workspace, post = scene
    publication = make_due(channels=[post.publications.get().channel], text="Tee")
    Publication.objects.filter(pk=publication.pk).update(
        status="rejected", asks_person=True, problem="Zu lang.", problem_kind="rejected", next_try_at=None
    )
    tell_authors()
    channel = publication.channel
    channel.status, channel.told_at = Status.RECONNECT, None
    channel.save()
    tell_of_lost(channel.pk)
    mails = list(OutgoingMail.objects.order_by("id"))
    assert [letter.subject for letter in mails] == [
        "Ein Beitrag braucht dich: Café Linden",
        f"Verbinde {channel.handle} auf Sandbox wieder",
    ]
    lines = {line for letter in mails for line in letter.text.splitlines()}
    assert english_in(lines) == set()


def test_mails_about_organizations_speak_the_reader_s_language(scene):
    workspace, _post = scene
    member = workspace.organization.memberships.get()
    services.invite_member(actor=member, email="neu@example.com", role=Role.MEMBER)
    services.delete_organization(actor=member.user, organization=member.organization, typed=member.organization.name)
    exporting.make_export(make_export(user=member.user, state=Export.State.PENDING).pk)
    near = {"limit": Limit.PUBLICATIONS_DAY, "percent": 80, "allowed": 15, "used": 12, "resets_at": clock.now()}
    limit_neared.send(Standing, organization=member.organization, **near)
    mails = list(OutgoingMail.objects.order_by("id"))
    assert [english_in({letter.subject, *letter.text.splitlines()}) for letter in mails] == [set()] * 4
    assert mails[-1].subject == "Café Ada: 12 von 15 Beiträge am Tag verbraucht"


NOTICES = sorted(
    str(path.relative_to(sentences.ROOT / "templates")).removesuffix("_subject.txt")
    for path in sentences.TEMPLATES
    if path.name.endswith("_subject.txt")
)


@pytest.mark.parametrize("notice", NOTICES)
def test_mails_about_accounts_speak_the_person_s_language_whatever_the_browser_s(rf, notice):
    user = make_user(language="de")
    facts = {"from_email": "alt@example.com", "to_email": "neu@example.com", "deleted_email": "alt@example.com"}
    with request_context(rf.get("/")):
        AccountAdapter().send_notification_mail(notice, user, facts)
    sent = OutgoingMail.objects.get()
    assert not_german_in(f"{sent.subject}<p>{'<p>'.join(sent.text.splitlines())}") == set()


def test_a_forgotten_password_is_answered_in_the_person_s_language(client):
    user = make_user(language="de")
    client.post(reverse("account_reset_password"), {"email": user.email}, headers={"Accept-Language": "en"})
    assert OutgoingMail.objects.get().subject == "Wähle ein neues Passwort"


# -- what is written behind the pages speaks the language of whoever reads it later


def test_what_a_network_refused_is_told_in_the_language_of_the_post():
    publication = make_due(text="Tee")
    Post.objects.update(language="de-AT")
    make_fault(publication.channel, Fault.REJECT)
    publishing.publish(publication.pk)
    publication.refresh_from_db()
    assert publication.problem == "Die Sandbox lehnt diesen Inhalt ab, wie du es wolltest."


def test_a_dead_claim_and_a_lost_answer_are_told_in_the_language_of_the_post(moving_clock):
    publication = make_due(text="Tee")
    Post.objects.update(language="de")
    Publication.objects.claim(publication.pk, lease=timedelta(seconds=60))
    publishing._record(Publication.objects.get())
    moving_clock(timedelta(seconds=61))
    assert settling.sweep() == 1
    swept = Publication.objects.get().problem
    providers.get("sandbox").revoke(publication.channel.account())
    settling.settle(publication.pk)
    assert [swept, Publication.objects.get().problem] == [
        "Wir haben das gesendet und wurden unterbrochen, bevor die Antwort kam. Wir suchen es.",
        "Wir haben das gesendet, aber die Antwort ging verloren. Verbinde Sandbox wieder, dann sehen wir nach, ob es"
        " da ist.",
    ]


def test_late_posts_are_told_in_the_language_of_the_post(moving_clock):
    publication = make_due(text="Tee")
    Post.objects.update(language="de")
    moving_clock(timedelta(hours=3))
    settling.catch_up(publication.pk)
    assert Publication.objects.get().problem == (
        "Das wurde nicht rechtzeitig an Sandbox gesendet. Lily konnte es nicht rechtzeitig senden. Sende es jetzt,"
        " wähle eine neue Zeit oder lass es."
    )


def test_words_and_pictures_speak_the_language_of_who_asked():
    anna = make_user(language="de")
    suggestion, candidate = make_suggestion(text=""), make_candidate(drawn=False)
    Suggestion.objects.update(requested_by=anna)
    Generation.objects.update(requested_by=anna)
    assert (wording.write_suggestion(suggestion.pk), generation.draw_candidate(candidate.pk)) == (True, True)
    suggestion.refresh_from_db()
    candidate.refresh_from_db()
    assert suggestion.text.splitlines()[2] == "Komm vorbei und sag hallo."
    assert candidate.alt_text.split(" ")[:2] == ["Karte", "von"]


def test_a_refused_picture_and_a_profile_in_trouble_speak_the_language_of_their_person():
    anna = make_user(language="de")
    asset = make_asset(is_checked=False)
    channel = make_channel(connected_by=anna)
    asset.created_by = anna
    checking.refuse(asset, "time")
    providers.get("sandbox").revoke(channel.account())
    refreshing.check_health(channel.pk)
    asset.refresh_from_db()
    channel.refresh_from_db()
    assert asset.problem == (
        "Dieses Bild zu öffnen hat zu lange gedauert. Speichere es als JPG oder PNG und lade es dann noch einmal hoch."
    )
    assert channel.problem == "Die Sandbox kennt diese Erlaubnis nicht mehr. Verbinde das Profil wieder."


def test_a_held_post_is_told_in_the_language_of_the_reader(scene):
    """The reason stands in the row as a name: whoever held it may speak another."""
    _workspace, post = scene
    publication = post.publications.get()
    publication.hold(Hold.DISCONNECTED)
    publication.save_state()
    tell_authors()
    lines = OutgoingMail.objects.get().text.splitlines()
    assert "Das Profil ist getrennt. Verbinde es wieder oder sage den Beitrag ab." in lines


@pytest.mark.parametrize(
    ("wanted", "spoken"), [("de", "de"), ("de-at", "de"), ("fr", "en"), ("", "en"), ("../../x", "en")]
)
def test_speaking_is_the_nearest_of_our_languages(wanted, spoken):
    with languages.speaking(wanted):
        assert translation.get_language() == spoken


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
