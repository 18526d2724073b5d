"""First steps: the mean of each row of a table."""

from torch import Tensor


def row_means(table: Tensor) -> Tensor:
    """Mean of each row of a table (N, M): float64, shape (N,)."""
    return table.double().mean(dim=1)
