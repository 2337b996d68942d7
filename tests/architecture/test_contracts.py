"""The layers of setup.cfg hold, and each contract goes red when its fault is planted in a copy of the tree."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS, MODULES, PLANS, CORE, HTTP, STRIPE = (
    "Apps import downward only",
    "Inside an app, modules import downward only",
    "Inside plans, modules import downward only",
    "Inside core, modules import downward only",
    "Only providers and core talk to the network",
    "Only billing knows Stripe",
)

FAULTS = [
    (APPS, "apps/core/clock.py", "import apps.accounts.models"),
    (APPS, "apps/plans/models.py", "import apps.accounts.models"),
    (APPS, "apps/accounts/models.py", "import apps.content"),
    (APPS, "apps/brand/apps.py", "import apps.imaging"),
    (APPS, "apps/imaging/apps.py", "import apps.social"),
    (APPS, "apps/media/utils.py", "import apps.content.models"),
    (MODULES, "apps/accounts/models.py", "import apps.accounts.access"),
    (MODULES, "apps/accounts/access.py", "import apps.accounts.decorators"),
    (MODULES, "apps/media/utils.py", ""),
    (MODULES, "apps/social/providers/base.py", "import apps.social.models"),
    (PLANS, "apps/plans/models.py", "import apps.plans.entitlements"),
    (CORE, "apps/core/errors.py", "import apps.core.http"),
    (CORE, "apps/core/helpers.py", ""),
    (HTTP, "apps/accounts/views/landing.py", "import httpx2"),
    (HTTP, "apps/social/services.py", "import requests"),
    (HTTP, "apps/imaging/tasks.py", "import openai"),
    (HTTP, "apps/social/models.py", "import httpx2"),
    (STRIPE, "apps/plans/models.py", "import stripe"),
    (STRIPE, "apps/core/http.py", "import djstripe"),
]


def broken_contracts(tree: Path) -> set[str]:
    """The contracts that do not hold in a tree. Fails when the linter itself does."""
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([linter, "--no-cache"], cwd=tree, capture_output=True, text=True, timeout=120, check=False)
    lines = run.stdout.splitlines()
    contracts = (tree / "setup.cfg").read_text().count("[importlinter:contract:")
    assert sum(line.endswith((" KEPT", " BROKEN")) for line in lines) == contracts, run.stdout + run.stderr
    return {line.removesuffix(" BROKEN") for line in lines if line.endswith(" BROKEN")}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for folder in ("apps", "config"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "setup.cfg", tmp_path)
    return tmp_path


def test_contracts_hold(tree):
    assert broken_contracts(tree) == set()


@pytest.mark.parametrize(("contract", "path", "fault"), FAULTS, ids=[f"{path}: {fault}" for _, path, fault in FAULTS])
def test_planted_fault_is_found(tree, contract, path, fault):
    module = tree / path
    module.write_text((module.read_text() if module.exists() else "") + f"\n{fault}\n")
    assert contract in broken_contracts(tree)
