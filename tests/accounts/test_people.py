"""Sign-up, verification, log-in, reset, second step: allauth as we have set it up."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from django.urls import resolve, reverse

from apps.accounts import tasks
from apps.accounts.models import User
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db

LOGIN, SIGNUP = "/account/login/", "/account/signup/"


def sign_up(client, email="ada@example.com", **values):
    return client.post(SIGNUP, {"email": email, "password1": PASSWORD} | values)


def log_in(client, user, password=PASSWORD, **extra):
    return client.post(LOGIN, {"login": user.email, "password": password}, **extra)


def confirm(client):
    """What matters asks for the password once more."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def is_logged_in(client):
    return "_auth_user_id" in client.session


def test_sign_up_asks_for_address_and_password_only(client):
    form = client.get(SIGNUP).context["form"]
    assert {name for name, field in form.fields.items() if field.required} == {"email", "password1"}
    assert list(form.fields) == ["email", "password1", "name"]


def test_sign_up_is_verified_by_a_link_in_another_browser(client, mailed, delivered):
    response = sign_up(client, name="Ada")
    assert response["Location"] == reverse("account_email_verification_sent")
    user = User.objects.get()
    assert (user.email, user.name, user.has_verified(user.email)) == ("ada@example.com", "Ada", False)
    assert delivered()[-1].subject == "Welcome to Lily: confirm your address"
    phone = Client()
    assert phone.get(mailed()).status_code == 200
    assert not user.has_verified(user.email), "a mail scanner that follows the link must not confirm"
    assert phone.post(mailed())["Location"] == LOGIN
    assert user.has_verified(user.email)
    assert log_in(phone, user)["Location"] == reverse("home")
    assert phone.get("/")["Location"] == reverse("organization_new")


def test_verification_in_the_same_browser_logs_in(client, mailed):
    sign_up(client)
    assert client.post(mailed())["Location"] == reverse("home")
    assert is_logged_in(client)


def test_unverified_person_is_not_let_in_and_gets_a_fresh_link(client, delivered):
    user = make_user(verified=False)
    assert log_in(client, user)["Location"] == reverse("account_email_verification_sent")
    assert not is_logged_in(client)
    assert [message.to for message in delivered()] == [[user.email]]


def test_sign_up_does_not_tell_who_has_an_account(client, delivered):
    user = make_user()
    known, unknown = sign_up(client, user.email), sign_up(Client(), "nobody@example.com")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [message.subject for message in delivered()] == [
        "You already have an account",
        "Welcome to Lily: confirm your address",
    ]
    assert User.objects.filter(email=user.email).count() == 1


def test_reset_does_not_tell_who_has_an_account(client, delivered):
    user = make_user()
    path = reverse("account_reset_password")
    answers = [client.post(path, {"email": email}) for email in (user.email, "nobody@example.com")]
    assert {answer["Location"] for answer in answers} == {reverse("account_reset_password_done")}
    assert [message.to for message in delivered()] == [[user.email], ["nobody@example.com"]]


def test_log_in_says_the_same_for_wrong_password_and_unknown_address(client):
    user = make_user()
    wrong = log_in(client, user, "wrong").context["form"].errors
    unknown = client.post(LOGIN, {"login": "nobody@example.com", "password": "wrong"}).context["form"].errors
    assert wrong == unknown


def test_reset_link_works_once(client, mailed):
    user = make_user()
    client.post(reverse("account_reset_password"), {"email": user.email})
    path = mailed()
    form = client.get(path)["Location"]
    client.post(form, {"password1": "a new long sentence", "password2": "a new long sentence"})
    user.refresh_from_db()
    assert user.check_password("a new long sentence")
    assert Client().get(path).context["token_fail"]


@pytest.mark.parametrize("password", ["short", "password123", "ada@example.com"])
def test_weak_password_is_refused_in_words(client, password):
    response = client.post(SIGNUP, {"email": "ada@example.com", "password1": password})
    assert response.context["form"].errors.keys() == {"password1"}
    assert not User.objects.exists()


def test_address_is_one_whatever_its_case(client):
    user = make_user(email="ada@example.com")
    client.post(LOGIN, {"login": "Ada@Example.com", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(user.pk)


def test_failed_log_ins_are_slowed_down(client):
    user = make_user()
    for _ in range(5):
        log_in(client, user, "wrong")
    assert "Too many" in str(log_in(client, user).context["form"].errors)
    assert not is_logged_in(client)


def test_log_in_needs_no_valkey(client, dead_valkey):
    user = make_user()
    assert client.get(LOGIN).status_code == 200
    assert log_in(client, user)["Location"] == reverse("home")
    assert client.get("/account/profile/").status_code == 200


def test_failed_log_ins_are_slowed_down_without_valkey_too(client, dead_valkey):
    user = make_user()
    for _ in range(5):
        log_in(client, user, "wrong")
    assert "Too many" in str(log_in(client, user).context["form"].errors)
    assert not is_logged_in(client)


def test_sign_up_and_reset_need_no_valkey(client, dead_valkey, mailed, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert sign_up(client)["Location"] == reverse("account_email_verification_sent")
    client.post(mailed())
    assert is_logged_in(client)
    with django_capture_on_commit_callbacks(execute=True):
        answer = Client().post(reverse("account_reset_password"), {"email": "ada@example.com"})
    assert answer["Location"] == reverse("account_reset_password_done")


def test_counts_of_log_ins_are_forgotten(client):
    """They hold addresses of clients, and last only as long as they limit something."""
    log_in(client, make_user(), "wrong")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM core_cache")
        assert cursor.fetchone()[0] > 0
        cursor.execute("UPDATE core_cache SET expires = now() - interval '1 second'")
        tasks.clear_expired()
        cursor.execute("SELECT count(*) FROM core_cache")
        assert cursor.fetchone() == (0,)


@override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1)
def test_rate_limit_counts_the_address_our_proxy_saw(client):
    """The part of X-Forwarded-For that the client wrote itself does not make it another client."""
    answers = [
        client.post(SIGNUP, {}, headers={"X-Forwarded-For": f"10.0.0.{n}, 203.0.113.7"}).status_code for n in range(21)
    ]
    assert answers == [200] * 20 + [429]
    assert client.post(SIGNUP, {}, headers={"X-Forwarded-For": "203.0.113.8"}).status_code == 200


def test_session_is_listed_and_others_can_be_ended(client):
    user = make_user()
    other = Client(headers={"User-Agent": "Old phone"})
    for one in (client, other):
        log_in(one, user)
    page = client.get(reverse("usersessions_list"))
    assert {session.user_agent for session in page.context["sessions"]} == {"", "Old phone"}
    client.post(reverse("usersessions_list"))
    assert client.get("/account/profile/").status_code == 200
    assert other.get("/account/profile/")["Location"].startswith(LOGIN)


def test_authenticator_app_becomes_the_second_step(client):
    user = make_user()
    log_in(client, user)
    assert client.get(reverse("mfa_activate_totp"))["Location"].startswith(reverse("account_reauthenticate"))
    confirm(client)
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    code = totp.format_hotp_value(totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time()))))
    client.post(reverse("mfa_activate_totp"), {"code": code})
    stored = Authenticator.objects.get(user=user, type="totp").data["secret"]
    assert secret not in stored
    assert stored.startswith("t1:")
    codes = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
    assert len(codes) == 10
    phone = Client()
    assert log_in(phone, user)["Location"] == reverse("mfa_authenticate")
    assert not is_logged_in(phone)
    phone.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert is_logged_in(phone)
    again = Client()
    log_in(again, user)
    again.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert not is_logged_in(again), "a recovery code works once"


def test_changed_address_must_be_confirmed_first(client, mailed, delivered):
    user = make_user()
    log_in(client, user)
    confirm(client)
    client.post(reverse("account_email"), {"action_add": "", "email": "new@example.com"})
    assert User.objects.get().email == user.email
    assert delivered()[-1].to == ["new@example.com"]
    client.post(mailed())
    assert User.objects.get().email == "new@example.com"


def test_demo_log_in_is_one_click_where_it_is_named_and_404_elsewhere(client):
    demo = make_user(email="demo@lily.example")
    assert settings.DEMO_LOGIN == ""
    User.objects.create(email="")
    assert client.post(reverse("login_as")).status_code == 404
    assert b"demo" not in client.get(LOGIN).content
    with override_settings(DEMO_LOGIN=demo.email):
        assert b"demo person" in client.get(LOGIN).content
        assert client.get(reverse("login_as")).status_code == 405
        assert client.post(reverse("login_as"))["Location"] == reverse("home")
    assert client.session["_auth_user_id"] == str(demo.pk)


OPEN = [
    "account_login",
    "account_signup",
    "account_logout",
    "account_inactive",
    "account_email_verification_sent",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
]
PERSONAL = [
    "account_email",
    "account_change_password",
    "account_reauthenticate",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_generate_recovery_codes",
    "usersessions_list",
    "person_edit",
    "person_security",
    "person_export",
    "person_delete",
]


@pytest.mark.parametrize("name", OPEN)
def test_page_for_strangers_is_open_and_reads_no_table(client, name, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get(reverse(name)).status_code in (200, 302)


@pytest.mark.parametrize("name", PERSONAL)
def test_personal_page_asks_for_log_in(client, name):
    assert client.get(reverse(name))["Location"].startswith(LOGIN)


@pytest.mark.parametrize("name", PERSONAL)
def test_personal_page_shows_to_its_person(client, name):
    log_in(client, make_user())
    response = client.get(reverse(name), follow=True)
    assert response.status_code == 200
    assert response.content.count(b"<h1") == 1


def test_every_address_of_allauth_is_known_here():
    """A new version that brings a new page has to be looked at."""
    from django.urls import get_resolver

    account = next(part for part in get_resolver().url_patterns if str(part.pattern) == "account/")
    names = {name for name in account.reverse_dict if isinstance(name, str)}
    assert names - {*OPEN, *PERSONAL} == {
        "account_confirm_email",
        "account_confirm_login_code",
        "account_reset_password_from_key",
        "account_set_password",
        "mfa_authenticate",
        "mfa_deactivate_totp",
        "mfa_download_recovery_codes",
        "mfa_edit_webauthn",
        "mfa_login_webauthn",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_remove_webauthn",
        "mfa_view_recovery_codes",
    }
    assert resolve("/account/2fa/").url_name == "mfa_index"
