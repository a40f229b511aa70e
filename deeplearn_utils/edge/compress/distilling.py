"""A small network that learns from a large one: from what it thinks of all classes, not the label.

Source: Hinton, Vinyals and Dean, "Distilling the knowledge in a neural network" (2015).
"""

from typing import Any

import numpy as np

from ...checks import count, finite, in_range
from ...datasets.tables import same_rows
from ..formats import need

__all__ = ["distill"]


def distill(
    student: Any,
    X: np.ndarray,
    y: np.ndarray,
    teacher_logits: np.ndarray,
    *,
    temperature: float = 4.0,
    hard: float = 0.1,
    epochs: int = 30,
    batch_size: int = 32,
    learning_rate: float = 1e-3,
    seed: int = 0,
) -> Any:
    """Train a Keras student on a teacher's outputs and the labels.

    The loss is (1 − hard) T² KL(teacher at T ‖ student at T) + hard · cross-entropy(y, student),
    where at T means softmax(logits / T). T² keeps the gradient of the soft part as large as that of
    the hard one.

    Parameters
    ----------
    student : keras.Model
        With logits as outputs; it is trained in place.
    X, y : ndarray
        Training data; y holds numbers of classes.
    teacher_logits : ndarray, shape (n, k)
        What the teacher says of X.
    temperature : float
        T, above 0: the higher, the more the small probabilities count.
    hard : float
        The share of the labels, in [0, 1]; 1 trains on the labels alone.
    epochs, batch_size, learning_rate, seed
        Of the training, by Adam.

    Returns
    -------
    keras.Model
        The student.

    Raises
    ------
    ImportError
        When TensorFlow is not installed.
    ValueError
        When a number is out of range, a logit is NaN or infinite, or there are not as many labels
        or logits as samples.
    """
    keras, tf = need("keras", "lab"), need("tensorflow", "lab")
    ops = keras.ops
    temperature = float(in_range("temperature", temperature, 0, open_low=True))
    hard, epochs = float(in_range("hard", hard, 0, 1)), count("epochs", epochs)
    batch_size = count("batch_size", batch_size)
    same_rows(X, y)
    if teacher_logits.ndim != 2 or len(teacher_logits) != len(X):
        raise ValueError(
            f"`teacher_logits` must have shape ({len(X)}, classes), got {teacher_logits.shape}"
        )
    finite("teacher_logits", teacher_logits)
    inputs, labels = tf.constant(X, "float32"), tf.constant(y, "int32")
    soft_targets = ops.log_softmax(teacher_logits.astype("float32") / temperature)

    def loss(rows: Any, logits: Any) -> Any:
        log_p = tf.gather(soft_targets, rows)
        log_q = ops.log_softmax(logits / temperature)
        soft = ops.sum(ops.exp(log_p) * (log_p - log_q), axis=-1)
        y_rows = tf.gather(labels, rows)
        known = keras.losses.sparse_categorical_crossentropy(y_rows, logits, from_logits=True)
        return ops.mean((1 - hard) * temperature**2 * soft + hard * known)

    keras.utils.set_random_seed(seed)
    optimizer = keras.optimizers.Adam(learning_rate)
    weights = student.trainable_variables
    optimizer.build(weights)

    @tf.function(input_signature=[tf.TensorSpec((None, None), "int64")])
    def run(batches: Any) -> None:  # many steps in one call: small networks take less time a step
        for rows in batches:
            with tf.GradientTape() as tape:
                logits = student(tf.gather(inputs, rows), training=True)
                value = loss(rows, logits) + sum(student.losses)
            optimizer.apply(tape.gradient(value, weights))

    rng, whole = np.random.default_rng(seed), len(X) - len(X) % batch_size
    for _ in range(epochs):
        order = rng.permutation(len(X))
        run(order[:whole].reshape(-1, batch_size))
        if whole < len(X):
            run(order[None, whole:])
    plain = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    student.compile(keras.optimizers.Adam(learning_rate), plain)  # a loss that can be saved
    return student
