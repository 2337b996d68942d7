import pytest
from django.urls import reverse

from apps.content import publishing
from apps.content.catalog import Status
from apps.content.models import Publication
from apps.core.models import AuditEntry
from apps.social.providers.sandbox import Fault
from tests.factories import make_due, make_fault, make_scheduled, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client):
    user = make_user(is_staff=True, is_superuser=True)
    client.force_login(user)
    return client


@pytest.mark.parametrize("model", ["post", "publication", "attempt", "catchup", "circuit", "bucket"])
def test_every_list_opens_and_costs_the_same_for_one_row_as_for_three(operator, model, django_assert_max_num_queries):
    for _ in range(3):
        publishing.publish(make_due().pk)
    with django_assert_max_num_queries(10):
        answer = operator.get(reverse(f"admin:content_{model}_changelist"))
    assert answer.status_code == 200


def test_an_operator_sends_again_with_a_reason_on_record(operator):
    publication = make_due()
    make_fault(publication.channel, Fault.REJECT)
    publishing.publish(publication.pk)
    asked = {"action": "operator_publication_retried", "_selected_action": [str(publication.pk)]}
    operator.post(reverse("admin:content_publication_changelist"), {**asked, "confirmed": "1", "reason": "They called"})
    assert Publication.objects.get().status == Status.QUEUED
    entry = AuditEntry.objects.get(action="operator.publication_retried")
    assert (entry.reason, entry.target_id) == ("They called", str(publication.pk))


def test_states_are_not_edited_by_hand(operator):
    post = make_scheduled()
    assert operator.post(reverse("admin:content_post_change", args=[post.pk]), {"status": "draft"}).status_code == 403
