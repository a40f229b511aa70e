"""Fewer bits after training: what each kind keeps, and the trap in calibration."""

import re

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from litert_quantizer import recipe
from litert_quantizer.quantizer import Quantizer

from deeplearn_utils.edge import ModelError, integer
from deeplearn_utils.edge.compress import KINDS, post_training


def refused(error, message, *arguments, **options):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        post_training(*arguments, **options)


@pytest.fixture(scope="module")
def compressed(float_file, digit_images):
    X = digit_images["X_train"][:200]
    return {to: post_training(float_file, to=to, X=X) for to in KINDS}


def accuracy(outputs, y):
    return (outputs.argmax(axis=1) == y).mean()


def test_each_kind_is_smaller_and_nearly_as_good(compressed, float_file, digit_images, run_litert):
    X, y = digit_images["X_validation"], digit_images["y_validation"]
    whole = accuracy(run_litert(float_file, X), y)
    losses = {to: whole - accuracy(run_litert(compressed[to], X), y) for to in KINDS}
    assert {to for to in KINDS if losses[to] < 0.02} >= {"float16", "dynamic", "int8"}
    sizes = [len(compressed[to]) for to in ("int4", "dynamic", "float16")]
    assert sizes == sorted(sizes)
    assert max(len(content) for content in compressed.values()) < len(float_file)


def test_weights_alone_are_close_to_the_original(compressed, float_file, digit_images, run_litert):
    X = digit_images["X_validation"]
    expected = run_litert(float_file, X)
    apart = {to: np.abs(run_litert(compressed[to], X) - expected).max() for to in KINDS}
    assert apart["float16"] < 0.02 < apart["dynamic"] < apart["int4"]


def tensor_range(content, n_steps):
    model = integer.read(content)
    tensor = model.tensors[model.steps[n_steps].output]
    return 255 * tensor.scale


def test_extremes_hold_all_inputs_and_a_moving_average_does_not(
    float_file, digit_images, digits_cnn
):
    X = digit_images["X_train"][:200]
    options = {"to": "int8", "X": X, "real_ends": False}
    kept = {
        "extremes": tensor_range(post_training(float_file, **options), 0),
        "in one batch": tensor_range(post_training(float_file, batch=200, **options), 0),
        "average": tensor_range(post_training(float_file, ranges="moving_average", **options), 0),
        "average of one batch": tensor_range(
            post_training(float_file, ranges="moving_average", batch=200, **options), 0
        ),
    }
    largest = float(np.max(digits_cnn.layers[0](X)))
    for name in ("extremes", "in one batch", "average of one batch"):
        assert kept[name] == pytest.approx(largest, rel=1e-4), name
    assert kept["average"] < 0.9 * largest


@pytest.mark.filterwarnings("ignore:.*experimental_preserve_all_tensors:UserWarning")
def test_the_quantizer_by_itself_keeps_a_moving_average(float_file, digit_images):
    X = digit_images["X_train"][:60]
    interpreter = Interpreter(model_content=float_file)
    ((signature, ends),) = interpreter.get_signature_list().items()
    (name,) = ends["inputs"]
    itself = Quantizer(float_file, recipe.static_wi8_ai8())
    found = itself.calibrate({signature: [{name: x[None]} for x in X]})
    low, high = X[0].min(), X[0].max()
    for x in X[1:]:
        low, high = 0.95 * low + 0.05 * x.min(), 0.95 * high + 0.05 * x.max()
    of_inputs = found[interpreter.get_input_details()[0]["name"]]
    ours = np.ravel([of_inputs["min"], of_inputs["max"]])
    np.testing.assert_allclose(ours, [low, high], rtol=1e-5)
    assert high < 0.9 * X.max()


def test_the_order_of_inputs_matters_to_the_average_only(float_file, digit_images):
    X = digit_images["X_train"][:50]
    for ranges, same in (("extremes", True), ("moving_average", False)):
        options = {"to": "int8", "ranges": ranges}
        there = post_training(float_file, X=X, **options)
        back = post_training(float_file, X=X[::-1], **options)
        assert (there == back) is same, ranges


def test_wrong_arguments(float_file):
    message = "`X` must hold inputs to calibrate with: int8 needs the activations' ranges"
    refused(ValueError, message, float_file, to="int8")
    message = "`to` must be one of 'float16', 'dynamic', 'int4', 'int8', got 'int2'"
    refused(ValueError, message, float_file, to="int2")
    with pytest.raises(ModelError) as caught:
        post_training(b"hello", to="dynamic")
    assert str(caught.value).startswith("the model can't be quantized to dynamic: ")
