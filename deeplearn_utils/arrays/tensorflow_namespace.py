"""The array API names that the kernels use, over TensorFlow.

`array-api-compat` has no TensorFlow. This module is the thin namespace that `arrays.namespace`
returns for TensorFlow tensors. Nothing is patched: each name maps to one or two `tf` calls.
"""

from typing import Any

import tensorflow as tf

float32, float64, int32, int64, bool = tf.float32, tf.float64, tf.int32, tf.int64, tf.bool

abs, exp, expm1, log, log1p, sqrt = (
    tf.abs, tf.exp, tf.math.expm1, tf.math.log, tf.math.log1p, tf.sqrt,
)  # fmt: skip
sign, tanh, square, isfinite = tf.sign, tf.tanh, tf.square, tf.math.is_finite
maximum, minimum = tf.maximum, tf.minimum
zeros_like, ones_like, reshape, broadcast_to = (
    tf.zeros_like, tf.ones_like, tf.reshape, tf.broadcast_to,
)  # fmt: skip
matmul, matrix_transpose = tf.matmul, tf.linalg.matrix_transpose


def asarray(x: Any, *, dtype: Any = None) -> tf.Tensor:
    return tf.convert_to_tensor(x, dtype=dtype)


def arange(stop: int, *, dtype: Any = tf.int64) -> tf.Tensor:
    return tf.cast(tf.range(stop), dtype)


def astype(x: tf.Tensor, dtype: Any) -> tf.Tensor:
    return tf.cast(x, dtype)


def isdtype(dtype: tf.DType, kind: str) -> bool:
    return {"real floating": dtype.is_floating, "integral": dtype.is_integer}[kind]


def finfo(dtype: tf.DType) -> Any:
    return tf.experimental.numpy.finfo(dtype.as_numpy_dtype)


def where(condition: tf.Tensor, x: Any, y: Any) -> tf.Tensor:
    dtype = next(v.dtype for v in (x, y) if tf.is_tensor(v))
    return tf.where(condition, tf.cast(x, dtype), tf.cast(y, dtype))


def take(x: tf.Tensor, indices: tf.Tensor, *, axis: int) -> tf.Tensor:
    return tf.gather(x, indices, axis=axis)


def concat(arrays: list[tf.Tensor]) -> tf.Tensor:
    return tf.concat(arrays, axis=0)


def sum(x: tf.Tensor, *, axis: Any = None, keepdims: bool = False) -> tf.Tensor:
    return tf.reduce_sum(x, axis=axis, keepdims=keepdims)


def mean(x: tf.Tensor, *, axis: Any = None, keepdims: bool = False) -> tf.Tensor:
    return tf.reduce_mean(x, axis=axis, keepdims=keepdims)


def max(x: tf.Tensor, *, axis: Any = None, keepdims: bool = False) -> tf.Tensor:
    return tf.reduce_max(x, axis=axis, keepdims=keepdims)


def argmax(x: tf.Tensor, *, axis: int) -> tf.Tensor:
    return tf.argmax(x, axis=axis)


def all(x: tf.Tensor) -> tf.Tensor:
    return tf.reduce_all(x)
