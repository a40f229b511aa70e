"""The words of the server's HTTP: predict, health, version, metrics.

    POST /predict   {"inputs": [...]} or a .npy array; the answer is of the kind that is accepted
    GET  /health    whether the model gives its golden output: 200, or 503 where it does not
    GET  /version   which artifact this is, and its contract
    GET  /metrics   counts and times, in the text format of Prometheus

What is refused has a status of 4xx and the body {"error": "..."}.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import numpy as np
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..checks import count_field, number_field
from ..edge.artifact import Predictor, digest
from ..edge.npy import to_npy
from ..edge.parity import compare
from .batching import Batcher
from .requests import NPY, Refused, batch_of

__all__ = ["Limits", "create_app"]

UNREAD = {408, 413}  # the rest of such a body is not read: the connection can't be used again


@dataclass(frozen=True)
class Limits:
    """What a server takes.

    Attributes
    ----------
    most_bytes : int
        Of a request's body.
    most_samples : int
        Of a request, and of one call of the model.
    most_waiting : int
        Samples that may wait for the model.
    seconds : float
        How long a client may take to send a body.
    window : float
        Seconds that a batch waits for more requests.
    """

    most_bytes: int = 2**20
    most_samples: int = 256
    most_waiting: int = 4096
    seconds: float = 10.0
    window: float = 0.0

    def __post_init__(self) -> None:
        for name in ("most_bytes", "most_samples", "most_waiting"):
            count_field(self, name)
        number_field(self, "seconds", 0, open_low=True)
        number_field(self, "window", 0)
        if self.most_waiting < self.most_samples:
            raise ValueError(
                f"`most_waiting` must be at least `most_samples`, {self.most_samples}, got "
                f"{self.most_waiting}"
            )


class Metrics:
    """Counts and times of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        given = {"registry": self.registry}
        self.requests = Counter("requests", "Requests by status", ["status"], **given)
        self.samples = Counter("samples", "Samples predicted", **given)
        self.seconds = Histogram("request_seconds", "From request to answer", **given)
        sizes = [2**k for k in range(9)]
        self.batches = Histogram("batch_samples", "Samples a call", buckets=sizes, **given)
        self.waiting = Gauge("waiting_samples", "Samples that wait for the model", **given)


class Measured:
    """Counts the answers of an application by their status, and how long each took."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()

        async def measured(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.metrics.requests.labels(message["status"]).inc()
                self.metrics.seconds.observe(time.perf_counter() - started)
            await send(message)

        await self.app(scope, receive, measured)


def create_app(predictor: Predictor, limits: Limits | None = None) -> FastAPI:
    """Return the application that serves an artifact.

    Parameters
    ----------
    predictor : Predictor
        From `edge.artifact.start`.
    limits : Limits, optional
    """
    limits, metrics, artifact = limits or Limits(), Metrics(), predictor.artifact
    known = _version(predictor)
    batcher = Batcher(
        predictor.outputs,
        most_samples=limits.most_samples,
        most_waiting=limits.most_waiting,
        window=limits.window,
        measured=metrics.batches.observe,
    )
    metrics.waiting.set_function(lambda: batcher.waiting)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        running = asyncio.create_task(batcher.run())
        yield
        batcher.close()
        await running

    app = FastAPI(
        title=artifact.name, lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )

    app.add_middleware(Measured, metrics=metrics)

    @app.exception_handler(Refused)
    async def refuse(request: Request, refused: Refused) -> JSONResponse:
        headers = {"connection": "close"} if refused.status in UNREAD else {}
        if refused.status == 429:
            headers["retry-after"] = "1"
        return JSONResponse({"error": refused.reason}, refused.status, headers)

    @app.exception_handler(HTTPException)
    async def no_such_word(request: Request, error: HTTPException) -> JSONResponse:
        words = "POST /predict, GET /health, GET /version, GET /metrics"
        reason = f"{request.method} {request.url.path} is none of {words}"
        return JSONResponse({"error": reason}, error.status_code, error.headers)

    @app.post("/predict")
    async def predict(request: Request) -> Response:
        body = await _body(request, limits)
        kind = request.headers.get("content-type", "")
        X = batch_of(body, kind, artifact.input, most_samples=limits.most_samples)
        try:
            outputs = await batcher.outputs(X)
        except Refused:
            raise
        except Exception as error:  # each runtime has its own kinds
            return JSONResponse({"error": f"the model failed: {error}"}, 500)
        if not np.isfinite(outputs).all():
            raise Refused(422, "the model has no finite output for these `inputs`")
        metrics.samples.inc(len(X))
        if NPY in request.headers.get("accept", ""):
            return Response(to_npy(outputs), media_type=NPY)
        predictions = artifact.decode(outputs)
        return JSONResponse({"predictions": predictions.tolist(), "outputs": outputs.tolist()})

    @app.get("/health")
    async def health() -> Response:
        try:
            outputs = await batcher.outputs(artifact.golden_inputs[:1])
        except Refused:  # a full queue: the model is at work
            return JSONResponse({"status": "busy"})
        except Exception as error:  # each runtime has its own kinds
            return JSONResponse({"status": f"broken: {error}"}, 503)
        parity = compare(outputs, artifact.golden_outputs[:1])
        if not parity.relative <= artifact.tolerance:
            return JSONResponse({"status": f"broken: {parity}"}, 503)
        return JSONResponse({"status": "ok"})

    @app.get("/version")
    async def version() -> dict:
        return known

    @app.get("/metrics")
    async def measurements() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return app


def _version(predictor: Predictor) -> dict:
    artifact = predictor.artifact
    return {
        "name": artifact.name,
        "format": artifact.format,
        "digest": digest(artifact),
        "input": artifact.input.to_json(),
        "output": artifact.output.to_json(),
        "classes": list(artifact.classes),
        "versions": dict(artifact.versions),
    }


async def _body(request: Request, limits: Limits) -> bytes:
    """Read a body, as far and as long as the limits allow."""
    told = request.headers.get("content-length", "")
    if told.isdigit() and int(told) > limits.most_bytes:
        raise _too_large(limits)
    body = bytearray()
    try:
        async with asyncio.timeout(limits.seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limits.most_bytes:
                    raise _too_large(limits)
    except TimeoutError:
        raise Refused(408, f"the body did not arrive within {limits.seconds:g} seconds") from None
    except ClientDisconnect:
        raise Refused(400, "the body was not sent to its end") from None
    return bytes(body)


def _too_large(limits: Limits) -> Refused:
    return Refused(413, f"the body may have {limits.most_bytes} bytes; send fewer samples at once")
