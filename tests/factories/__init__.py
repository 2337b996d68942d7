"""What tests are made from. Each app's factories live in a module of its name and are offered here."""

from tests.factories.accounts import (
    PASSWORD,
    make_export,
    make_invitation,
    make_key,
    make_membership,
    make_notice,
    make_organization,
    make_team,
    make_user,
    make_workspace,
)
from tests.factories.brand import make_brand
from tests.factories.content import make_due, make_post, make_scheduled, make_suggestion
from tests.factories.imaging import make_candidate, make_generation
from tests.factories.media import make_asset, picture_bytes, picture_file
from tests.factories.plans import make_plans, make_standing
from tests.factories.social import make_channel, make_choice, make_fault

__all__ = [
    "PASSWORD",
    "make_asset",
    "make_brand",
    "make_candidate",
    "make_channel",
    "make_choice",
    "make_due",
    "make_export",
    "make_fault",
    "make_generation",
    "make_invitation",
    "make_key",
    "make_membership",
    "make_notice",
    "make_organization",
    "make_plans",
    "make_post",
    "make_scheduled",
    "make_standing",
    "make_suggestion",
    "make_team",
    "make_user",
    "make_workspace",
    "picture_bytes",
    "picture_file",
]
