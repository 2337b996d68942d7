"""News of a brand for the rooms above."""

from django.dispatch import Signal

# What the brand avoids has changed, in the caller's transaction. Arguments: `workspace`, `vault` as it is now.
rules_changed = Signal()
