"""The static files that are put together: one stylesheet, one script, one sprite, one font."""

import os
import re

from django.conf import settings
from django.contrib.staticfiles import finders as static_finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management import call_command

from apps.core import finders
from apps.core.icons import ICONS
from apps.core.networks import NETWORKS

SCRIPT_LIMIT = 30 * 1024  # bytes of our own script, ui.md


def test_style_states_its_layers_first_and_holds_every_component():
    style = finders.build_style().decode()
    assert style.startswith("@layer tokens, base, layout, components, pages, utilities;")
    assert all(name in style for name in (".button {", ".dialog {", ".timeline {", "@font-face"))
    assert "/*" not in style


def test_script_stays_within_its_limit():
    assert len(finders.build_script()) <= SCRIPT_LIMIT


def test_scripts_share_no_names():
    assert not any(re.search(r"^(import|export) ", path.read_text(), re.MULTILINE) for path in finders.script_sources())


def test_sprite_holds_every_icon_and_mark():
    ids = re.findall(r'<symbol id="([^"]+)"', finders.build_sprite().decode())
    assert ids == [*ICONS, *(f"network-{key}" for key in NETWORKS)]


def test_finder_builds_anew_when_a_source_is_younger(settings, tmp_path):
    settings.BUILT_ROOT = tmp_path
    path = finders.build("css/lily.css")
    path.write_text("old")
    assert finders.build("css/lily.css").read_text() == "old"
    os.utime(path, (0, 0))
    assert finders.build("css/lily.css").read_text() != "old"


def test_built_files_are_found_as_static_files():
    assert all(static_finders.find(path) for path in finders.BUILT)


def test_collected_files_have_hashed_names_and_find_their_font(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    storage = ManifestStaticFilesStorage(location=tmp_path)
    style = storage.stored_name("css/lily.css")
    assert re.fullmatch(r"css/lily\.\w{12}\.css", style)
    assert re.search(r"\.\./fonts/figtree\.\w{12}\.ttf", (tmp_path / style).read_text())


def test_sprite_holds_no_icon_that_nothing_uses():
    pages = [*(settings.BASE_DIR / "templates").rglob("*.html"), *(settings.BASE_DIR / "apps").rglob("*.py")]
    words = " ".join(path.read_text("utf-8") for path in pages if path.name != "icons.py")
    assert [name for name in ICONS if f'"{name}"' not in words and f"'{name}'" not in words] == []
