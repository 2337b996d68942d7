"""Points that the tests of publishing hang on to; nothing of ours hears them."""

from django.dispatch import Signal

# A point of sending has been reached: sender=Publication, pk=UUID, and
# step=before_claim, claimed, recorded, answered or before_commit.
publication_step = Signal()
