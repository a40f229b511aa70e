"""Memory for the copies that records hold, used again once nobody holds a copy any more.

The system hands out fresh memory page by page, which takes ten times as long as the copy itself.
"""

import numpy as np

LARGE = 2**20  # bytes; below, the allocator uses memory again by itself
KEPT = 6  # θ and two moments of two records


class Copies:
    """Copies of arrays of one size."""

    def __init__(self) -> None:
        self.free: list[np.ndarray] = []

    def copy(self, x: np.ndarray) -> np.ndarray:
        """Return a copy that belongs to the caller."""
        if x.nbytes < LARGE:
            return x.copy()
        memory = self.free.pop() if self.free else np.empty_like(x)
        np.copyto(memory, x)
        return np.asarray(_Loan(memory, self.free))


class _Loan:
    """Memory on loan: what its array, and each view of that, has for its base."""

    def __init__(self, memory: np.ndarray, free: list[np.ndarray]) -> None:
        self.__array_interface__ = memory.__array_interface__
        self._memory, self._free = memory, free

    def __del__(self) -> None:
        if len(self._free) < KEPT:
            self._free.append(self._memory)
