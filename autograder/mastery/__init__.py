"""Turn evidence into levels, class figures and certificates."""
