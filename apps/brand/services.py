"""What a customer does with a brand kit; every change is kept as a version."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _
from pydantic import ValidationError

from apps.accounts.models import User, Workspace
from apps.accounts.services import update_workspace
from apps.brand.catalog import PRESETS, AvoidMode, Preset
from apps.brand.models import BrandKit, BrandVersion
from apps.brand.signals import rules_changed
from apps.brand.vault import StyleVault, dump, in_words, read
from apps.core import audit
from apps.core.errors import Invalid, Outdated
from apps.media.services import store_upload

FILE_BYTES_MAX = 512 * 1024
Source = BrandVersion.Source


def find_kit(workspace: Workspace) -> BrandKit:
    """The workspace's kit, an empty one where nothing was said yet."""
    return BrandKit.objects.of(workspace)


def save_kit(*, workspace: Workspace, author: User | None, version: int | None = None, **values: Any) -> BrandKit:
    """Change some fields of the vault, leaving the others as they are now.

    Raises Invalid, and Outdated where `version` is stated and is not the kit's any more.
    """

    def change(kit: BrandKit) -> StyleVault:
        if version is not None and kit.number != version:
            raise Outdated
        return kit.vault.changed(**values)

    return _next(workspace, author, Source.EDITED, change)


def save_section(
    *, workspace: Workspace, author: User, values: dict[str, Any], seen: int | None, logo: File | None = None
) -> BrandKit:
    """Save what a section of the kit page says, with a new logo when one was uploaded.

    `seen` is the version the page was opened with. Raises Outdated where somebody has changed the same fields since
    (other sections are nobody's concern here), and Invalid.
    """

    def change(kit: BrandKit) -> StyleVault:
        said = {"logos": [], **values} if logo else values
        if seen is not None and _differ(_vault_of(workspace, seen), kit.vault, said):
            raise Outdated(_("Somebody else has saved this part meanwhile. What you typed is not saved yet."))
        if logo:
            said["logos"] = [*said["logos"], store_upload(workspace, author, logo).pk]
        return kit.vault.changed(**said)

    return _next(workspace, author, Source.EDITED, change)


def _vault_of(workspace: Workspace, number: int) -> StyleVault:
    """The vault as a version had it; an empty one for the time before the first."""
    version = workspace.brand_versions.filter(number=number).first()
    return version.vault if version else StyleVault()


def _differ(one: StyleVault, other: StyleVault, names: Iterable[str]) -> bool:
    return any(getattr(one, name) != getattr(other, name) for name in names)


@transaction.atomic
def begin_brand(
    *, workspace: Workspace, author: User, name: str, primary: str, voice: str, trade: str = ""
) -> BrandKit:
    """The first answers about a brand, and what is usual in its trade where nothing was said yet. Raises Invalid."""
    if name != workspace.name:
        update_workspace(actor=author, workspace=workspace, name=name, time_zone=workspace.time_zone)
    said = {"primary": primary, "voice": voice}

    def begin(kit: BrandKit) -> StyleVault:
        usual = _missing(kit.vault, PRESETS[trade]) if trade else {}
        return kit.vault.changed(**usual | said)

    return _next(workspace, author, Source.EDITED, begin)


def apply_preset(*, workspace: Workspace, author: User, key: str) -> BrandKit:
    """Begin from a trade's preset: only what is still empty is filled. Raises Invalid for a trade we do not know."""
    preset = PRESETS.get(key)
    if preset is None:
        raise Invalid(fields={"preset": [_("Choose a trade from the list.")]})
    return _next(workspace, author, Source.EDITED, lambda kit: kit.vault.changed(**_missing(kit.vault, preset)))


def _missing(vault: StyleVault, preset: Preset) -> dict[str, Any]:
    """The preset's values for what the vault leaves open."""
    primary, secondary, accent = preset.colours
    offered = {
        "industry": str(preset.label),
        "audience": str(preset.audience),
        "pillars": [{"topic": str(topic), "weight": share} for topic, share in preset.pillars],
        "brand_words": [str(word) for word in preset.brand_words],
        "visual_style": preset.visual_style,
        "mood": str(preset.mood),
        "avoid": [{"term": str(term), "mode": AvoidMode.NEGATIVE} for term in preset.avoid],
    }
    values = {name: value for name, value in offered.items() if not getattr(vault, name)}
    if not vault.colours:
        values |= {"primary": primary, "secondary": secondary, "accent": accent}
    if vault == StyleVault():
        values["voice"] = preset.voice
    return values


def restore_version(*, version: BrandVersion, author: User) -> BrandKit:
    """Make an earlier version the present one; what was there stays in the history."""
    return _next(version.workspace, author, Source.RESTORED, lambda _kit: version.vault)


def import_kit(*, workspace: Workspace, author: User, data: bytes) -> BrandKit:
    """Take over a kit that was exported as JSON. Logos and references that are not of this workspace are left out.

    Raises Invalid with what is wrong, for the field `file`.
    """
    if len(data) > FILE_BYTES_MAX:
        raise Invalid(fields={"file": [_("This file is too large for a brand kit.")]})
    refusal = None
    try:
        vault = read(json.loads(data))
    except ValidationError as error:
        refusal = Invalid(fields={"file": _sentences(error)})
    except (ValueError, RecursionError):
        raise Invalid(fields={"file": [_("This is not a brand kit. Export one to see how it looks.")]}) from None
    if refusal:
        raise refusal
    kept = _own_pictures(workspace, vault)
    return _next(workspace, author, Source.IMPORTED, lambda _kit: vault.changed(**kept))


def export_kit(*, workspace: Workspace) -> str:
    """The kit as JSON, for people and for `import_kit`."""
    return json.dumps(dump(BrandKit.objects.of(workspace).vault), indent=2, ensure_ascii=False, sort_keys=True)


@transaction.atomic
def _next(
    workspace: Workspace, author: User | None, source: Source, change: Callable[[BrandKit], StyleVault]
) -> BrandKit:
    """Change the vault under the kit's lock, as `change` answers; nothing is written where nothing changes."""
    BrandKit.objects.get_or_create(workspace=workspace)
    kit = BrandKit.objects.select_for_update().get(workspace=workspace)
    refusal = None
    try:
        vault = change(kit)
    except ValidationError as error:
        refusal = Invalid(" ".join(_sentences(error)), fields=_fields(error))
    # Raised here, because raised there it would hold pydantic's error, which hides the frames it holds from the garbage
    # collector: the whole request stayed (github.com/dapper91/pydantic-xml/issues/222, pydantic/pydantic/issues/13817).
    if refusal:
        raise refusal
    before = kit.vault
    if vault == before and kit.number:
        return kit
    kit.put(vault)
    kit.save()
    BrandVersion.objects.create(workspace=workspace, number=kit.number, stored=kit.stored, source=source, author=author)
    audit.record(
        f"brand.{source}", organization=workspace.organization, workspace=workspace, actor=author, number=kit.number
    )
    if vault.avoid != before.avoid:
        rules_changed.send(BrandKit, workspace=workspace, vault=vault)
    return kit


def _own_pictures(workspace: Workspace, vault: StyleVault) -> dict[str, tuple]:
    own = set(workspace.assets.filter(pk__in=[*vault.logos, *vault.references]).values_list("pk", flat=True))
    names = ("logos", "references")
    return {name: tuple(key for key in getattr(vault, name) if key in own) for name in names}


def _sentences(error: ValidationError) -> list[str]:
    """What is wrong, each with where: “facts, 2, text: this is too short: 1 at least”."""
    return [
        f"{', '.join(str(part) for part in problem['loc']) or _('Brand')}: {in_words(problem)}"
        for problem in error.errors()[:10]
    ]


def _fields(error: ValidationError) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for problem in error.errors():
        name = str(problem["loc"][0]) if problem["loc"] else "brand"
        fields.setdefault(name, []).append(in_words(problem))
    return fields
