"""A small artifact that NumPy alone runs, and a server of it."""

import numpy as np
import pytest

pytest.importorskip("fastapi")

from deeplearn_utils.datasets import Scaler
from deeplearn_utils.edge import artifact, runtime
from deeplearn_utils.networks import MLP
from deeplearn_utils.serving import Client, serve

NETWORK = MLP([3, 8, 2], activation="tanh", loss="softmax_cross_entropy")


@pytest.fixture(scope="session")
def packed():
    """Give an artifact of float32 inputs in [0, 16]."""
    rng = np.random.default_rng(0)
    X = rng.uniform(0, 16, (5, 3)).astype("float32")
    files = runtime.mlp_files(NETWORK, NETWORK.init(rng, "float32"))
    return artifact.pack(
        *("moons", files, X), format="mlp", low=0, high=16,
        scaler=Scaler.fit(X), classes=("upper", "lower"),
    )  # fmt: skip


@pytest.fixture(scope="session")
def predictor(packed):
    return artifact.start(packed)


@pytest.fixture(scope="module")
def server(predictor):
    """Give a server that refuses early: small bodies, few samples, and no patience."""
    with serve(predictor, most_bytes=20_000, most_samples=64, seconds=0.5) as server:
        yield server


@pytest.fixture
def client(server):
    with Client(server.url) as client:
        yield client


@pytest.fixture
def X(rng):
    return rng.uniform(0, 16, (7, 3)).astype("float32")
