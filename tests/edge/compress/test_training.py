"""Networks that train for a small life: with rounded numbers, or on a teacher's outputs."""

import re

import numpy as np
import pytest

from deeplearn_utils import arrays
from deeplearn_utils.edge import ModelError, compress, integer
from deeplearn_utils.edge.compress import (
    distill,
    kernels_of,
    pipeline,
    prune,
    quantization_aware,
    sparsity_of,
)
from deeplearn_utils.edge.convert import outputs_of
from deeplearn_utils.kernels import quantize as q


@pytest.fixture
def keras(tf):
    return arrays.import_quietly("keras")


def student(keras, seed=0):
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, strides=2, activation="relu"),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )


def rounded(model, bits):
    """Return a copy whose weights are those of some bits, a scale a channel."""
    copy = type(model).from_config(model.get_config())
    weights = []
    for W in model.get_weights():
        if W.ndim > 1:
            highest = np.abs(W).max(axis=tuple(range(W.ndim - 1)))
            scale, _ = q.scale_and_zero_point(-highest, highest, bits=bits, symmetric=True)
            W = q.dequantize(q.quantize(W, scale, bits=bits, axis=-1), scale, axis=-1)
        weights.append(W)
    copy.set_weights(weights)
    return copy


def cross_entropy(model, X, y):
    logits = outputs_of(model, X).astype(float)
    logits -= logits.max(axis=1, keepdims=True)
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(y)), y].mean()


def test_training_with_rounded_weights_makes_rounding_cheap(keras, digits_cnn, digit_images):
    X, y = digit_images["X_train"], digit_images["y_train"]
    tuned = quantization_aware(digits_cnn, X, y, bits=3, epochs=4, learning_rate=1e-3)
    before = cross_entropy(rounded(digits_cnn, 3), X, y)
    assert cross_entropy(rounded(tuned, 3), X, y) < 0.7 * before


def test_holes_stay_while_training_with_rounded_weights(keras, digits_cnn, digit_images):
    X, y = digit_images["X_train"][:200], digit_images["y_train"][:200]
    pruned = prune(digits_cnn, X, y, sparsity=0.5, epochs=0)
    tuned = quantization_aware(pruned, X, y, epochs=1, learning_rate=1e-2)
    assert sparsity_of([k.numpy() for k in kernels_of(tuned)]) == pytest.approx(0.5, abs=0.01)
    moved = [
        np.abs(a - b).max() for a, b in zip(tuned.get_weights(), pruned.get_weights(), strict=True)
    ]
    assert min(moved) > 0


def test_a_student_comes_close_to_its_teacher(keras, digit_images, digits_cnn):
    X, y = digit_images["X_train"], digit_images["y_train"]
    teacher = outputs_of(digits_cnn, X)
    learned = distill(student(keras), X, y, teacher, hard=0.0, learning_rate=5e-3, epochs=15)
    agree = (outputs_of(learned, X).argmax(axis=1) == teacher.argmax(axis=1)).mean()
    assert agree > 0.8  # three seeds: 0.83 to 0.86, by this loop and by Keras's own


def test_the_labels_alone_are_plain_training(keras, digit_images):
    X, y = digit_images["X_train"][:96], digit_images["y_train"][:96]
    first, other = student(keras), student(keras)
    options = {"batch_size": 96, "epochs": 8}  # whole batches: neither has an order
    distill(first, X, y, np.zeros((96, 10)), hard=1.0, seed=3, **options)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    keras.utils.set_random_seed(3)
    other.compile(keras.optimizers.Adam(1e-3), loss)
    other.fit(X, y, **options, verbose=0)
    for a, b in zip(first.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_a_batch_that_is_not_full_counts_too(keras, digit_images):
    X, y = digit_images["X_train"][:10], digit_images["y_train"][:10]
    first, other = student(keras), student(keras)
    other.set_weights(first.get_weights())
    distill(first, X, y, np.zeros((10, 10)), hard=1.0, batch_size=64, epochs=3)
    distill(other, X, y, np.zeros((10, 10)), hard=1.0, batch_size=10, epochs=3)
    for a, b in zip(first.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_logits_of_other_samples(keras, digit_images):
    message = "`teacher_logits` must have shape (5, classes), got (4, 10)"
    X, y = digit_images["X_train"][:5], digit_images["y_train"][:5]
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        distill(student(keras), X, y, np.zeros((4, 10)))


def test_the_pipeline_chooses_on_validation_data_alone(keras, digits_cnn, digit_images):
    lines = []
    options = {"sparsities": (0.0, 0.6), "kinds": ("int8",), "epochs": 2, "progress": lines.append}
    small = student(keras)
    before = small.get_weights()
    found = pipeline(digits_cnn, digit_images, most_loss=0.05, students={"small": small}, **options)
    assert len(found.candidates) == 4
    for now, then in zip(small.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)
    assert lines[0] == "distilling small"
    fit = [c for c in found.candidates if found.original.accuracy - c.accuracy <= 0.05]
    assert found.chosen.n_compressed == min(c.n_compressed for c in fit)
    model = integer.read(found.chosen.content)
    X, y = digit_images["X_test"], digit_images["y_test"]
    assert found.test_chosen == (model.predict(X).argmax(axis=1) == y).mean()
    assert found.times_smaller == found.original.n_bytes / found.chosen.n_compressed
    pruned, dense = found.find("original", sparsity=0.6), found.find("original")
    assert abs(pruned.n_bytes - dense.n_bytes) < 64  # holes take as much room ...
    assert pruned.n_compressed < 0.85 * dense.n_compressed  # ... until they are packed
    message = (
        "'small', pruned to 0.5, as 'int8' was not tried; tried were original, 0% pruned, int8; "
        "original, 60% pruned, int8; small, 0% pruned, int8; small, 60% pruned, int8"
    )
    with pytest.raises(KeyError) as caught:
        found.find("small", sparsity=0.5)
    assert caught.value.args == (message,)


@pytest.mark.parametrize("told", [None, {"hard": 1.0, "epochs": 2, "batch_size": 64}])
def test_how_students_learn(told, keras, digits_cnn, digit_images, run_litert, monkeypatch):
    """What a search trains is what `distill` trains, on the labels alone too."""
    monkeypatch.setattr(compress.searching, "post_training", lambda content, **_: content)
    monkeypatch.setattr(compress.searching, "accuracy_of", lambda *_: 1.0)
    data = {name: values[:96] for name, values in digit_images.items()}
    options = {"students": {"small": student(keras)}, "distilling": told, "epochs": 1, "seed": 4}
    found = pipeline(digits_cnn, data, sparsities=(0.0,), **options)
    X, y = data["X_train"], data["y_train"]
    learning = told or {"epochs": 3}
    taught = distill(student(keras), X, y, outputs_of(digits_cnn, X), seed=4, **learning)
    outputs = run_litert(found.find("small").content, X)
    np.testing.assert_allclose(outputs, outputs_of(taught, X), atol=1e-4)


def test_a_loss_that_nothing_keeps(keras, digits_cnn, digit_images, monkeypatch):
    monkeypatch.setattr(compress.searching, "post_training", lambda content, **_: content)
    accuracies = iter([0.9, 0.8])
    monkeypatch.setattr(compress.searching, "accuracy_of", lambda *_: next(accuracies))
    message = (
        "no candidate loses at most 0.05 on the validation data: the best, "
        "'original, 0% pruned, int8', loses 0.1000"
    )
    with pytest.raises(ModelError, match=f"^{re.escape(message)}$"):
        pipeline(digits_cnn, digit_images, most_loss=0.05, sparsities=(0.0,))
