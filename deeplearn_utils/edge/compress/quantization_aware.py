"""Training that already computes with rounded numbers, so that the network learns to bear it.

Going forward, weights and activations are rounded as 8-bit numbers would be; going backward, the
rounding counts as if it weren't there (the straight-through estimator). Sources: Bengio, Léonard
and Courville, "Estimating or propagating gradients through stochastic neurons" (2013); Jacob et
al., "Quantization and training of neural networks for efficient integer-arithmetic-only
inference" (2018).
"""

from typing import Any

import numpy as np

from ...checks import count
from ...datasets.tables import same_rows
from ...kernels.quantize.numbers import integers
from ..formats import need

__all__ = ["quantization_aware"]


def quantization_aware(
    model: Any,
    X: np.ndarray,
    y: np.ndarray,
    *,
    bits: int = 8,
    epochs: int = 5,
    batch_size: int = 32,
    learning_rate: float = 1e-4,
    seed: int = 0,
) -> Any:
    """Return a copy of a Keras classifier, tuned while its numbers are rounded.

    Parameters
    ----------
    model : keras.Sequential
        With logits as outputs. It stays as it is. Weights that are 0 stay 0.
    X, y : ndarray
        Training data; y holds numbers of classes.
    bits : int
        Of the weights, from 2 to 8, with a scale a channel. Activations have 8, with the range that
        they had on X at the start of each epoch.
    epochs, batch_size, learning_rate, seed
        Of the training, by Adam.

    Returns
    -------
    keras.Sequential
        In float32, to be converted and quantized after.

    Raises
    ------
    ImportError
        When TensorFlow is not installed.
    ValueError
        When the model has branches, or the bits are not 2 to 8.
    """
    keras = need("keras", "lab")
    most = integers(bits, symmetric=True)[1]
    epochs, batch_size = count("epochs", epochs), count("batch_size", batch_size)
    same_rows(X, y)
    if not isinstance(model, keras.Sequential):
        raise ValueError(f"`model` must be a keras.Sequential, got {type(model).__name__}")
    tuned = keras.models.clone_model(model)
    tuned.set_weights(model.get_weights())
    masks = [None if v.ndim < 2 else (v.numpy() != 0) for v in tuned.trainable_variables]
    rng = np.random.default_rng(seed)
    step = _step(keras, tuned, most, masks, learning_rate)
    for _ in range(epochs):
        ranges = _ranges(keras, tuned, X[:1024])
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            step(X[rows].astype("float32"), np.asarray(y)[rows], ranges)
    return tuned


def _ranges(keras: Any, model: Any, X: np.ndarray) -> np.ndarray:
    """Return the lowest and highest value of the input and after each layer, shape (n + 1, 2)."""
    x = keras.ops.convert_to_tensor(X, "float32")
    ends = [(float(keras.ops.min(x)), float(keras.ops.max(x)))]
    for layer in model.layers:
        x = layer(x, training=False) if layer._call_has_training_arg else layer(x)
        ends.append((float(keras.ops.min(x)), float(keras.ops.max(x))))
    return np.array(ends, "float32")


def _step(keras: Any, model: Any, most: int, masks: list[Any], learning_rate: float) -> Any:
    tf = need("tensorflow", "lab")
    ops = keras.ops
    optimizer = keras.optimizers.Adam(learning_rate)
    optimizer.build(model.trainable_variables)

    def straight_through(x: Any, rounded: Any) -> Any:
        return x + ops.stop_gradient(rounded - x)

    def as_weights(W: Any) -> Any:
        scale = ops.max(ops.abs(W), axis=tuple(range(len(W.shape) - 1)), keepdims=True) / most
        scale = ops.where(scale > 0, scale, ops.ones_like(scale))
        return straight_through(W, ops.round(W / scale) * scale)

    def as_activations(x: Any, ends: Any) -> Any:
        low, high = ops.minimum(ends[0], 0.0), ops.maximum(ends[1], 0.0)
        scale = ops.maximum((high - low) / 255.0, 1e-12)
        zero_point = ops.round(-low / scale)
        q = ops.clip(ops.round(x / scale) + zero_point, 0.0, 255.0)
        clipped = ops.clip(x, low, high)  # no gradient where the range ends
        return straight_through(clipped, (q - zero_point) * scale)

    def forward(X: Any, ranges: Any) -> Any:
        x = as_activations(X, ranges[0])
        for l, layer in enumerate(model.layers, 1):
            values = [ops.convert_to_tensor(v) for v in layer.trainable_variables]
            variables = [as_weights(v) if len(v.shape) > 1 else v for v in values]
            others = [ops.convert_to_tensor(v) for v in layer.non_trainable_variables]
            options = {"training": False} if layer._call_has_training_arg else {}
            x, _ = layer.stateless_call(variables, others, x, **options)
            x = as_activations(x, ranges[l])
        return x

    @tf.function(reduce_retracing=True)
    def step(X: Any, y: Any, ranges: Any) -> None:
        with tf.GradientTape() as tape:
            losses = keras.losses.sparse_categorical_crossentropy(
                y, forward(X, ranges), from_logits=True
            )
            loss = ops.mean(losses)
        gradients = tape.gradient(loss, [v.value for v in model.trainable_variables])
        optimizer.apply(gradients, model.trainable_variables)
        for variable, mask in zip(model.trainable_variables, masks, strict=True):
            if mask is not None:
                variable.assign(variable * ops.cast(mask, variable.dtype))

    return step
