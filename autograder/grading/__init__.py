"""Turn submissions into results."""
