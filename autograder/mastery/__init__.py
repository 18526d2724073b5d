"""From evidence to levels, class figures and certificates."""
