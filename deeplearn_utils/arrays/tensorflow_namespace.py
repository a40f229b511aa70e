"""The array API names that the kernels use, over TensorFlow.

`array-api-compat` has no TensorFlow. This module is the thin namespace that `arrays.namespace`
returns for TensorFlow tensors. Nothing is patched: each name maps to one or two `tf` calls.
"""

from typing import Any

import tensorflow as tf

Axes = int | tuple[int, ...] | None

float32, float64, int32, int64 = tf.float32, tf.float64, tf.int32, tf.int64

abs, cos, exp, expm1, log, log1p = tf.abs, tf.cos, tf.exp, tf.math.expm1, tf.math.log, tf.math.log1p
maximum, minimum, sign, sqrt, square = tf.maximum, tf.minimum, tf.sign, tf.sqrt, tf.square
isfinite, tanh, zeros_like = tf.math.is_finite, tf.tanh, tf.zeros_like
matmul, matrix_transpose, reshape = tf.matmul, tf.linalg.matrix_transpose, tf.reshape


def asarray(x: Any, *, dtype: Any = None, device: str = "") -> tf.Tensor:
    """Convert values to a tensor."""
    with tf.device(device):
        return tf.convert_to_tensor(x, dtype=dtype)


def arange(stop: int, *, dtype: Any = tf.int64, device: str = "") -> tf.Tensor:
    """Return 0, 1, ..., stop - 1."""
    with tf.device(device):
        return tf.cast(tf.range(stop), dtype)


def astype(x: tf.Tensor, dtype: Any) -> tf.Tensor:
    """Convert the dtype."""
    return tf.cast(x, dtype)


def isdtype(dtype: tf.DType, kind: str) -> bool:
    """Tell whether a dtype is "real floating", "integral" or "bool"."""
    kinds = {
        "real floating": dtype.is_floating,
        "integral": dtype.is_integer,
        "bool": dtype.is_bool,
    }
    return kinds[kind]


def where(condition: tf.Tensor, x: Any, y: Any) -> tf.Tensor:
    """Choose elementwise; one of x and y may be a Python number."""
    dtype = next(v.dtype for v in (x, y) if tf.is_tensor(v))
    return tf.where(condition, *(_of_dtype(v, dtype) for v in (x, y)))


def _of_dtype(x: Any, dtype: tf.DType) -> tf.Tensor:
    """Convert a tensor, or a number: `tf.cast` would make it single precision on the way."""
    return tf.cast(x, dtype) if tf.is_tensor(x) else tf.constant(x, dtype)


def take(x: tf.Tensor, indices: tf.Tensor, *, axis: int) -> tf.Tensor:
    """Pick rows (axis 0) or other slices by their numbers."""
    return tf.gather(x, indices, axis=axis)


def concat(arrays: list[tf.Tensor]) -> tf.Tensor:
    """Join along the first axis."""
    return tf.concat(arrays, axis=0)


def sum(x: tf.Tensor, *, axis: Axes = None, keepdims: bool = False) -> tf.Tensor:
    """Sum over one axis or several, or over all."""
    return tf.reduce_sum(x, axis=axis, keepdims=keepdims)


def mean(x: tf.Tensor, *, axis: Axes = None, keepdims: bool = False) -> tf.Tensor:
    """Average over one axis or several, or over all."""
    return tf.reduce_mean(x, axis=axis, keepdims=keepdims)


def max(x: tf.Tensor, *, axis: Axes = None, keepdims: bool = False) -> tf.Tensor:
    """Return the largest entry over one axis or several, or over all."""
    return tf.reduce_max(x, axis=axis, keepdims=keepdims)


def argmax(x: tf.Tensor, *, axis: int) -> tf.Tensor:
    """Return where the largest entry along an axis stands."""
    return tf.argmax(x, axis=axis)
