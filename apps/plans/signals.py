"""News from plans for the rooms above."""

from django.dispatch import Signal

# A count has just passed 80 or 100 per cent of what the plan allows: once per counter and percentage, after commit.
# Arguments: organization, limit (Limit), percent (80 or 100), allowed, used, resets_at (None for rows that exist).
# A day ahead that fills up counts too (a calendar filled on Monday is told on Monday): hearers bundle as they like.
limit_neared = Signal()
