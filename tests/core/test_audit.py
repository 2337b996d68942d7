import ast
import re

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from apps.core import audit
from apps.core.deeds import DEEDS
from apps.core.models import AuditEntry
from tests import factories

pytestmark = pytest.mark.django_db


def test_record_keeps_who_what_and_why():
    workspace = factories.make_workspace()
    actor = factories.make_user(name="Grace Hopper")
    entry = audit.record(
        "channel.paused",
        organization=workspace.organization,
        workspace=workspace,
        actor=actor,
        target=workspace,
        reason="Asked by phone",
        count=3,
    )
    entry.refresh_from_db()
    assert (entry.action, entry.actor_label, entry.reason, entry.facts) == (
        "channel.paused",
        "Grace Hopper",
        "Asked by phone",
        {"count": 3},
    )
    assert (entry.target_type, entry.target_id) == ("accounts.workspace", str(workspace.pk))


@pytest.mark.parametrize("name", ["access_token", "password", "client_secret", "api_key", "credentials"])
def test_record_refuses_secrets(name):
    with pytest.raises(ValueError, match=name):
        audit.record("x.y", organization=None, **{name: "x"})


ACTION = re.compile(
    r"(api_key|asset|channel|export|invitation|member|operator|organization|person|plan|team|post"
    r"|publication|workspace)\.[a-z_]+"
)
NOT_ACTIONS = ("catalog.py", "serializers.py", "deeds.py")  # permissions and columns are written like actions


def actions_in(code: str) -> set[str]:
    texts = {node.value for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Constant)}
    return {text for text in texts if isinstance(text, str) and ACTION.fullmatch(text)}


def test_every_action_has_words():
    sources = [path for path in (settings.BASE_DIR / "apps").rglob("*.py") if path.name not in NOT_ACTIONS]
    written = set().union(*(actions_in(path.read_text()) for path in sources if "migrations" not in path.parts))
    assert written - DEEDS.keys() - {"channel.handle"} == set()
    assert AuditEntry(action="member.role_changed").words == "member's role changed"
    assert AuditEntry(action="bread.half_baked").words == "bread half baked"


def test_request_is_named_in_the_entries_it_makes(client, settings):
    settings.TRUSTED_PROXIES = 0
    from apps.core import context

    context.bind(request="r" * 8, client="192.0.2.7")
    try:
        entry = audit.record("x.y", organization=None)
    finally:
        context.clear()
    assert (entry.request_id, entry.client_address) == ("r" * 8, "192.0.2.7")


@pytest.mark.parametrize(
    "change", [{"action": "z"}, {"reason": "z"}, {"facts": {}}, {"actor_label": "z"}, {"request_id": "z"}]
)
def test_database_refuses_changes(change):
    entry = audit.record("x.y", organization=None, fact=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).update(**change)


def test_database_refuses_deletion():
    entry = audit.record("x.y", organization=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.delete()


def test_entry_outlives_its_organization_and_people():
    workspace = factories.make_workspace()
    actor = factories.make_user()
    entry = audit.record("x.y", organization=workspace.organization, workspace=workspace, actor=actor)
    workspace.organization.delete()
    actor.delete()
    entry.refresh_from_db()
    assert (entry.organization, entry.workspace, entry.actor) == (None, None, None)


def test_forgotten_person_is_named_nowhere():
    person = factories.make_user(name="Grace Hopper")
    by = audit.record("x.y", organization=None, actor=person)
    about = audit.record("x.y", organization=None, target=person)
    other = audit.record("x.y", organization=None, actor=factories.make_user(name="Ada"))
    audit.forget_person(person)
    for entry in (by, about, other):
        entry.refresh_from_db()
    assert (by.actor_label, about.target_label, other.actor_label) == ("", "", "Ada")
