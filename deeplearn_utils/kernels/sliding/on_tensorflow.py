"""Convolution and pooling by TensorFlow."""

from typing import Any

from ...arrays import Array
from .windows import Windows


def convolve(x: Array, W: Array, b: Array, windows: Windows) -> Array:
    """Return b plus the sum of W over every window."""
    import tensorflow as tf

    return tf.nn.conv2d(x, W, windows.stride, windows.padding.upper()) + b


def convolve_backward(dz: Array, x: Array, W: Array, windows: Windows) -> tuple[Array, Array]:
    """Return dx and dW."""
    import tensorflow as tf

    dx = tf.raw_ops.Conv2DBackpropInput(
        input_sizes=tf.shape(x), filter=W, out_backprop=dz, **_steps(windows)
    )
    dW = tf.raw_ops.Conv2DBackpropFilter(
        input=x, filter_sizes=tf.shape(W), out_backprop=dz, **_steps(windows)
    )
    return dx, dW


def max_pool(x: Array, windows: Windows) -> Array:
    """Return the largest entry of every window; NaN where there is one, which TensorFlow skips."""
    import tensorflow as tf

    unknown = _largest(tf.cast(tf.math.is_nan(x), x.dtype), windows) > 0
    return tf.where(unknown, tf.constant(float("nan"), x.dtype), _largest(x, windows))


def max_pool_backward(dz: Array, x: Array, windows: Windows) -> Array:
    """Return dz at the first maximum of every window."""
    import tensorflow as tf

    z = _largest(x, windows)
    return tf.raw_ops.MaxPoolGrad(
        orig_input=x, orig_output=z, grad=dz, ksize=[1, *windows.size, 1], **_steps(windows)
    )


def sum_pool(x: Array, windows: Windows) -> Array:
    """Return the sum of every window."""
    import tensorflow as tf

    (top, bottom), (left, right) = windows.margins
    image = tf.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))
    area = float(windows.size[0] * windows.size[1])
    return area * tf.nn.avg_pool2d(image, windows.size, windows.stride, "VALID")


def sum_pool_backward(dz: Array, x: Array, windows: Windows) -> Array:
    """Return dz for every entry of every window."""
    import tensorflow as tf

    area = float(windows.size[0] * windows.size[1])
    n, c = tf.shape(x)[0], tf.shape(x)[3]
    image = tf.stack([n, windows.rows.padded, windows.columns.padded, c])
    dx = tf.raw_ops.AvgPoolGrad(
        orig_input_shape=image,
        grad=area * dz,
        ksize=[1, *windows.size, 1],
        strides=[1, *windows.stride, 1],
        padding="VALID",
    )
    return dx[windows.inside]


def _largest(x: Array, windows: Windows) -> Array:
    import tensorflow as tf

    return tf.nn.max_pool2d(x, windows.size, windows.stride, windows.padding.upper())


def _steps(windows: Windows) -> dict[str, Any]:
    return {"strides": [1, *windows.stride, 1], "padding": windows.padding.upper()}
