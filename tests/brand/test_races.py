"""Several people at one brand kit at once, against PostgreSQL as it is: one of those who saw the same version wins."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from apps.brand.models import BrandKit, BrandVersion
from apps.brand.services import find_kit
from tests.accounts.programs import Program
from tests.factories import make_brand, make_workspace

pytestmark = pytest.mark.django_db(transaction=True)
EDITORS = 8


def at_once(save):
    """How often each status came, of eight who save at the same moment."""
    start = Barrier(EDITORS)

    def one(number):
        start.wait(30)
        try:
            return save(number).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(EDITORS) as pool:
        return Counter(pool.map(one, range(EDITORS)))


def test_of_many_programs_with_one_version_one_saves():
    workspace = make_workspace()
    make_brand(workspace=workspace, mood="calm")
    program = Program(workspace)
    mine = {"If-Match": '"1"'}
    statuses = at_once(lambda n: program.send("PATCH", "api_brand", {"kit": {"mood": f"mood {n}"}}, mine))
    assert statuses == {200: 1, 412: EDITORS - 1}
    assert (find_kit(workspace).number, BrandVersion.objects.count()) == (2, 2)


def test_programs_that_state_no_version_all_save():
    workspace = make_workspace()
    program = Program(workspace)
    assert at_once(lambda n: program.send("PATCH", "api_brand", {"kit": {"mood": f"mood {n}"}})) == {200: EDITORS}
    assert BrandKit.objects.get().number == EDITORS


def test_of_many_people_at_one_section_one_saves():
    workspace = make_workspace()
    make_brand(workspace=workspace, quality_threshold=55)
    person = workspace.organization.memberships.get().user
    address = reverse("brand_pictures_save", args=[workspace.slug])
    rows = {"templates-TOTAL_FORMS": 0, "templates-INITIAL_FORMS": 0, "default_image_model": "auto", "seen": 1}

    def save(number):
        client = Client()
        client.force_login(person)
        return client.post(address, rows | {"quality_threshold": 60 + number})

    assert at_once(save) == {302: 1, 409: EDITORS - 1}
    assert BrandVersion.objects.count() == 2
