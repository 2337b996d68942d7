import pytest

pytestmark = pytest.mark.django_db


def test_styleguide_is_404_to_people_in_production(client):
    assert client.get("/styleguide/").status_code == 404


def test_styleguide_is_open_to_operators(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("op@lily.example", "x"))
    assert client.get("/styleguide/").status_code == 200


def test_theme_is_remembered_and_forgotten(client):
    response = client.post("/theme/", {"theme": "dark", "next": "/styleguide/"})
    assert (response.status_code, response.url, response.cookies["theme"].value) == (302, "/styleguide/", "dark")
    assert client.post("/theme/", {"theme": ""}).cookies["theme"].value == ""


def test_theme_leads_back_only_to_our_own_pages(client):
    assert client.post("/theme/", {"theme": "dark", "next": "https://elsewhere.example/"}).url == "/"
