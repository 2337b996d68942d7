"""What tests of the calendar share."""

from datetime import UTC, datetime

import pytest


@pytest.fixture
def midday(time_machine) -> None:
    """Hours of this day are left, so that what is planned for within them counts on it."""
    time_machine.move_to(datetime.now(UTC).replace(hour=12, minute=0), tick=True)
