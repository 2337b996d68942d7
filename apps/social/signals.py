"""News of channels for the apps above. Sent inside the transaction that made the change, with `channel`."""

from django.dispatch import Signal

channel_connected = Signal()
"""A profile was connected or connected again (`channel`, `actor`)."""

channel_disconnected = Signal()
"""A profile was taken off; its tokens are gone (`channel`, `actor`)."""

channel_reconnect_needed = Signal()
"""The network ended the connection; only a person can give it again (`channel`)."""

channel_paused = Signal()
"""The brake of one channel was pulled (`channel`, `actor`)."""

channel_resumed = Signal()
"""The brake of one channel was let go (`channel`, `actor`)."""
