"""News of tenants, heard by `receivers.py` of upper apps. One that fails fails the deletion; it is tried again."""

from django.dispatch import Signal

# The brake of a workspace or of a whole organization was used, or a deletion was booked or undone, in the caller's
# transaction. Arguments: `organization`, `workspace` (None: every workspace of the organization).
held = Signal()
resumed = Signal()

# A workspace, or an organization with all its workspaces, is about to be deleted for good: give back what lies outside
# the database (tokens at networks, files). Sent once or more, outside a transaction. Same arguments.
deleting = Signal()

# A person is about to be deleted for good. Argument: `user`.
deleting_user = Signal()
