"""A client of the server: arrays go in, predictions or the server's refusal come out."""

from types import TracebackType
from typing import Any, Self

import numpy as np

from ..checks import finite
from ..edge.formats import need
from ..edge.npy import from_npy, to_npy
from ..intake import array
from .requests import NPY, Refused

__all__ = ["Client"]


class Client:
    """Talks to one server over one connection that stays open.

    Parameters
    ----------
    url : str
        Such as "http://127.0.0.1:8000".
    seconds : float
        How long to wait for an answer.

    Raises
    ------
    ImportError
        When httpx is not installed.
    """

    def __init__(self, url: str, *, seconds: float = 30.0) -> None:
        httpx = need("httpx", "edge")
        secure = url.startswith("https:")  # else there are no certificates to read
        self._http = httpx.Client(base_url=url, timeout=seconds, trust_env=False, verify=secure)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def predict(self, X: np.ndarray) -> list[Any]:
        """Return what the model says of each sample: names of classes, or numbers.

        Parameters
        ----------
        X : array_like, shape (n, ...)
            Not scaled; it travels as JSON.

        Raises
        ------
        ValueError
            When a number is missing or infinite, which JSON can't say.
        Refused
            With the server's status and reason.
        """
        X = array("X", X)
        finite("X", X)
        return self._answer("POST", "/predict", json={"inputs": X.tolist()}).json()["predictions"]

    def outputs(self, X: np.ndarray) -> np.ndarray:
        """Return the model's outputs; both arrays travel as .npy, to the bit.

        Raises
        ------
        Refused
            With the server's status and reason.
        """
        headers = {"content-type": NPY, "accept": NPY}
        answer = self._answer("POST", "/predict", content=to_npy(array("X", X)), headers=headers)
        return from_npy(answer.content)

    def health(self) -> dict[str, str]:
        """Return whether the model gives its golden output: ok, busy, or broken with the reason."""
        return self._http.request("GET", "/health").json()

    def version(self) -> dict[str, Any]:
        """Return which artifact is served, and its contract."""
        return self._answer("GET", "/version").json()

    def metrics(self) -> dict[str, float]:
        """Return counts and times by their names in Prometheus' text format."""
        lines = self._answer("GET", "/metrics").text.splitlines()
        pairs = [line.rsplit(" ", 1) for line in lines if not line.startswith("#")]
        return {name: float(value) for name, value in pairs}

    def _answer(self, method: str, path: str, **options: Any) -> Any:
        response = self._http.request(method, path, **options)
        if response.is_success:
            return response
        try:
            reason = response.json()["error"]
        except (KeyError, TypeError, ValueError):
            reason = response.text or response.reason_phrase
        raise Refused(response.status_code, reason)
