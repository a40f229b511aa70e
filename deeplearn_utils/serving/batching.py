"""Requests that come together are computed together.

A runtime spends much of a call on what doesn't depend on the number of samples. While it computes
one batch, requests wait; all that wait then make the next one. Alone, nobody waits. A runtime may
sum in another order for another number of samples: the last digit can depend on who else asked.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from .requests import Refused

__all__ = ["Batcher"]


class Batcher:
    """Joins the batches of several requests into one for a model, which runs in one thread.

    Parameters
    ----------
    compute : callable
        Takes a batch, returns one output a sample.
    most_samples : int
        How many samples are computed in one call.
    most_waiting : int
        How many samples may wait; more are refused, since they would wait too long.
    window : float
        How many seconds a batch waits for more requests before it is computed.
    measured : callable, optional
        Is told the number of samples of each call.
    """

    def __init__(
        self,
        compute: Callable[[np.ndarray], np.ndarray],
        *,
        most_samples: int,
        most_waiting: int,
        window: float = 0.0,
        measured: Callable[[int], None] = lambda n: None,
    ) -> None:
        self.compute, self.measured = compute, measured
        self.most_samples, self.most_waiting, self.window = most_samples, most_waiting, window
        self._waiting: deque[tuple[np.ndarray, asyncio.Future[np.ndarray]]] = deque()
        self._wake, self._closing = asyncio.Event(), False

    @property
    def waiting(self) -> int:
        """How many samples wait for the model; those that it computes are not counted."""
        return sum(len(part) for part, _ in self._waiting)

    async def outputs(self, X: np.ndarray) -> np.ndarray:
        """Return the outputs of a batch of at most `most_samples`, once its turn has come.

        Raises
        ------
        Refused
            When too many samples are waiting.
        """
        if self.waiting + len(X) > self.most_waiting:
            raise Refused(429, f"{self.waiting} samples are waiting already; try again in a moment")
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append((X, answer))
        self._wake.set()
        return await answer

    async def run(self) -> None:
        """Compute what comes, until `close`; then what still waits."""
        with ThreadPoolExecutor(1, "model") as thread:
            while self._waiting or not self._closing:
                if not self._waiting:
                    self._wake.clear()
                    await self._wake.wait()
                    continue
                if self.window:
                    await asyncio.sleep(self.window)
                await self._compute(thread, self._taken())

    def close(self) -> None:
        """Let `run` return once nothing waits."""
        self._closing = True
        self._wake.set()

    def _taken(self) -> list[tuple[np.ndarray, asyncio.Future[np.ndarray]]]:
        """Take what fits into one call, in the order in which it came."""
        taken, n = [], 0
        while self._waiting and n + len(self._waiting[0][0]) <= self.most_samples:
            taken.append(self._waiting.popleft())
            n += len(taken[-1][0])
        return taken

    async def _compute(self, thread: ThreadPoolExecutor, taken: list) -> None:
        X = np.concatenate([part for part, _ in taken])
        try:
            loop = asyncio.get_running_loop()
            outputs = await loop.run_in_executor(thread, self.compute, X)
        except Exception as error:  # told to everybody who waits for it
            for _, answer in taken:
                if not answer.done():
                    answer.set_exception(error)
            return
        self.measured(len(X))
        ends = np.cumsum([len(part) for part, _ in taken])
        for (_, answer), part in zip(taken, np.split(outputs, ends[:-1]), strict=True):
            if not answer.done():
                answer.set_result(part)
