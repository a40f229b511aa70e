"""A small CNN of digits, trained once, and its LiteRT files: what the tests of chapter 6 share."""

import contextlib

import numpy as np
import pytest

from deeplearn_utils import arrays
from deeplearn_utils.datasets import digits
from deeplearn_utils.edge.compress import post_training


@pytest.fixture(scope="session")
def digit_images():
    """Give the digits as images, with their labels: X_train, y_train, ..., X_test, y_test."""
    data = digits()
    sets = {}
    for name in ("train", "validation", "test"):
        X = getattr(data, f"X_{name}")
        sets[f"X_{name}"] = X.reshape(-1, 8, 8, 1).astype("float32")
        sets[f"y_{name}"] = getattr(data, f"y_{name}")
    return sets


@pytest.fixture(scope="session")
def digits_cnn(tf, digit_images):
    """Give a CNN with every kind of layer that the exports know, trained for a few epochs."""
    keras = arrays.import_quietly("keras")
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(8, 3, padding="same", activation="relu"),
            layers.DepthwiseConv2D(3, padding="same", activation="relu"),
            layers.Conv2D(12, 1),
            layers.MaxPooling2D(),
            layers.Conv2D(16, 3, strides=2, padding="same", activation="relu6"),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
            layers.Dense(10),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-2), loss)
    model.fit(digit_images["X_train"], digit_images["y_train"], epochs=6, verbose=0)
    return model


@pytest.fixture(scope="session")
def float_file(digits_cnn, tmp_path_factory):
    """Give the bytes of the CNN's float32 LiteRT file, which takes one image at a time."""
    keras = arrays.import_quietly("keras")
    path = tmp_path_factory.mktemp("digits") / "float.tflite"
    takes = [keras.InputSpec(shape=(1, 8, 8, 1), dtype="float32")]
    with contextlib.redirect_stdout(None):
        digits_cnn.export(path, format="litert", input_signature=takes, verbose=False)
    return path.read_bytes()


@pytest.fixture(scope="session")
def int8_file(float_file, digit_images):
    """Give the bytes of its 8-bit file, which takes and gives real numbers."""
    return post_training(float_file, to="int8", X=digit_images["X_train"][:200])


@pytest.fixture(scope="session")
def int8_ends_file(float_file, digit_images):
    """Give the bytes of its 8-bit file that takes and gives int8."""
    return post_training(float_file, to="int8", X=digit_images["X_train"][:200], real_ends=False)


@pytest.fixture(scope="session")
def run_litert():
    """Give a function that runs LiteRT as its own manual says, one input at a time."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    def run(content, X, resolver="AUTO"):
        interpreter = Interpreter(
            model_content=content, experimental_op_resolver_type=OpResolverType[resolver]
        )
        interpreter.allocate_tensors()
        (takes,), (gives,) = interpreter.get_input_details(), interpreter.get_output_details()
        outputs = []
        for x in X:
            interpreter.set_tensor(takes["index"], x.reshape(takes["shape"]))
            interpreter.invoke()
            outputs.append(interpreter.get_tensor(gives["index"]).copy())
        return np.concatenate(outputs)

    return run
