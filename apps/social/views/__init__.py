"""Pages of connected profiles."""
