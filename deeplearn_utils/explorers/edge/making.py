"""Train the network that reads the reader's drawings, and write it for the panel.

Run it anew and another network comes out, as good as the first::

    python -m deeplearn_utils.explorers.edge.making FOLDER

It writes ``reader.tflite``, the 8-bit model, and ``reader.json``: the same model for the engine of
`edge.export_js`, with the test digits and the integers that each rounding gives for them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from deeplearn_utils.arrays import import_quietly
from deeplearn_utils.datasets import Dataset, digits
from deeplearn_utils.edge import integer
from deeplearn_utils.edge.compress import post_training
from deeplearn_utils.edge.convert import convert
from deeplearn_utils.edge.export_js import export_js

from ..parts.stored import sealed

LEVELS = "0123456789abcdefg"
"""How a pixel from 0 to 16 is written."""

BATCH = 64
CALIBRATION = 300  # training digits
ROUNDINGS = ("float", "double")


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, and write two files."""
    parser = argparse.ArgumentParser(prog="making", description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where to write")
    parser.add_argument("--epochs", type=int, default=25, help="default: 25")
    options = parser.parse_args(arguments)
    model, data = options.folder / "reader.tflite", digits(scale=False)
    model.write_bytes(trained(data, options.folder / "float32.tflite", options.epochs))
    text = told(model.read_bytes(), data)
    (options.folder / "reader.json").write_text(text, encoding="utf-8")
    right = read_right(model.read_bytes(), data)
    sys.stderr.write(f"{right:.4f} of the validation digits are read\n")


def images(X: np.ndarray) -> np.ndarray:
    """Return digits as the network takes them: (n, 8, 8, 1), from 0 to 1."""
    return (X / 16).reshape(-1, 8, 8, 1).astype("float32")


def shifted(X: np.ndarray) -> np.ndarray:
    """Return images in nine places, each moved by at most a pixel: nobody draws in the middle."""
    margins = np.pad(X, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return np.concatenate([margins[:, i : i + 8, j : j + 8] for i in range(3) for j in range(3)])


def network() -> Any:
    """Return the untrained network: three convolutions and a dense layer, 8,914 parameters."""
    keras = import_quietly("keras")
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(12, 3, padding="same", activation="relu"),
            layers.Conv2D(24, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2D(24, 3, strides=2, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dropout(0.4),
            layers.Dense(10),
        ]
    )


def trained(data: Dataset, path: Path, epochs: int) -> bytes:
    """Train on shifted digits, as the validation digits liked it best; return the 8-bit file."""
    keras = import_quietly("keras")
    keras.utils.set_random_seed(0)
    X = shifted(images(data.X_train))
    y = np.tile(np.eye(10, dtype="float32")[data.y_train], (9, 1))
    rate = keras.optimizers.schedules.CosineDecay(3e-3, epochs * -(-len(X) // BATCH))
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    model = network()
    model.compile(keras.optimizers.Adam(rate), loss)
    model.fit(X, y, batch_size=BATCH, epochs=epochs, verbose=0)
    convert(model, path, images(data.X_validation), to="litert")
    content = path.read_bytes()
    path.unlink()
    return post_training(content, to="int8", X=X[:: len(X) // CALIBRATION])


def told(content: bytes, data: Dataset) -> str:
    """Return what ``reader.json`` holds: the model, and the test digits with their integers."""
    model = integer.read(content).core()
    X = images(data.X_test)
    outputs = {rounding: model.predict(X, rounding=rounding).tolist() for rounding in ROUNDINGS}
    found = {
        "model": json.loads(export_js(model)),
        "test": {
            "digits": data.y_test.tolist(),
            "pixels": ["".join(LEVELS[int(pixel)] for pixel in row) for row in data.X_test],
            **outputs,
        },
    }
    return sealed(json.dumps(found, separators=(",", ":")) + "\n")


def read_right(content: bytes, data: Dataset) -> float:
    """Return the share of the validation digits that is read."""
    outputs = integer.read(content).core().predict(images(data.X_validation))
    return float((outputs.argmax(axis=1) == data.y_validation).mean())


if __name__ == "__main__":
    main()
