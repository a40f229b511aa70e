"""Compile a function by whatever compiler its arrays' library brings along."""

import functools
import logging
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .conversion import asarray, has_values
from .importing import import_quietly
from .libraries import Array, library, namespace

_LOG = logging.getLogger(__name__)
_NUMBERS = (int, float)
_AS_IT_IS = object()


def compile(function: Callable[..., Any], /) -> Callable[..., Any]:
    """Return the function, compiled for the library of the arrays that it is called with.

    JAX arrays go through `jax.jit`, TensorFlow's through `tf.function(jit_compile=True)`, PyTorch's
    through `torch.compile`. NumPy and CuPy have no compiler: there the function runs as it is.
    Compiling happens at the first call and again for new shapes or dtypes; it takes from a tenth of
    a second (JAX) to half a minute (PyTorch), and pays where the function is called many times.

    Parameters
    ----------
    function : callable
        A pure function of arrays, such as a network's `loss_and_gradient`. What it prints, and what
        it reads besides its arguments, is fixed while it is compiled.

    Returns
    -------
    callable
        Takes what `function` takes: arrays, numbers, and tuples, lists and dicts of them. Numbers
        are arguments like arrays: a new value compiles nothing anew. So what shapes depend on, such
        as a stride, is fixed before compiling, with `functools.partial`. True, False and None
        choose between programs, which are compiled each by itself.

    Raises
    ------
    TypeError
        At a call with an argument that is nothing of that.

    Examples
    --------
    >>> import numpy as np
    >>> from deeplearn_utils.kernels import activations
    >>> relu = compile(activations.relu)
    >>> relu(np.array([-1.0, 2.0]))
    array([0., 2.])

    Notes
    -----
    PyTorch traces the function to plain tensor operations first, which leaves the kernels' checks
    of values behind. Without a C++ compiler these operations run one by one, and a warning is
    logged.
    """
    if not callable(function):
        raise TypeError(f"`function` must be a function of arrays, got {type(function).__name__}")
    compiled: dict[Any, Callable[..., Any]] = {}

    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        leaves: list[Any] = []
        structure = _take_apart((args, options), leaves)
        arrays = [x for x in leaves if not isinstance(x, _NUMBERS)]
        like = arrays[0] if arrays else 0.0
        names = {_library(x) for x in arrays} or {"numpy"}
        if len(names) > 1:
            namespace(*arrays)  # refuses the mixture
        name = names.pop()
        if name not in _COMPILERS or not has_values(like):
            return function(*args, **options)
        if name != "jax":
            leaves = [_number(x, leaves) if isinstance(x, _NUMBERS) else x for x in leaves]
        kinds = [(x.shape, x.dtype, x.device) for x in leaves] if name == "torch" else ()
        key = name, structure, *kinds
        if key not in compiled:

            def flat(*leaves: Array) -> Any:
                args, options = _put_together(structure, iter(leaves))
                return function(*args, **options)

            compiled[key] = _COMPILERS[name](flat, leaves)
        return compiled[key](*leaves)

    return call


def _library(x: Any) -> str:
    try:
        return library(x)
    except TypeError:
        raise TypeError(
            "a compiled function takes arrays, numbers, and tuples, lists and dicts of them, got "
            f"{type(x).__name__}; fix other arguments before compiling, with functools.partial"
        ) from None


def _number(x: Any, leaves: list[Any]) -> Array:
    """Return a number as an array, of the dtype of the real arrays that it goes with."""
    arrays = [leaf for leaf in leaves if not isinstance(leaf, _NUMBERS)]
    xp = namespace(arrays[0])
    real = [a.dtype for a in arrays if xp.isdtype(a.dtype, "real floating")]
    dtype = real[0] if real and isinstance(x, float) else None
    return asarray(x, like=arrays[0], dtype=dtype)


def _take_apart(tree: Any, leaves: list[Any]) -> Any:
    """Append the leaves of nested containers to a list; return what puts them together again."""
    if isinstance(tree, (np.generic, np.ndarray)) and tree.ndim == 0:
        tree = float(tree) if isinstance(tree, np.longdouble) else tree.item()
    if tree is None or isinstance(tree, bool):
        return _AS_IT_IS, tree, ()
    if isinstance(tree, dict):
        return dict, tuple(tree), tuple([_take_apart(x, leaves) for x in tree.values()])
    if isinstance(tree, (tuple, list)):
        return type(tree), None, tuple([_take_apart(x, leaves) for x in tree])
    leaves.append(tree)
    return None


def _put_together(structure: Any, leaves: Iterator[Any]) -> Any:
    if structure is None:
        return next(leaves)
    kind, keys, inner = structure
    if kind is _AS_IT_IS:
        return keys
    parts = [_put_together(x, leaves) for x in inner]
    if kind is dict:
        return dict(zip(keys, parts, strict=True))
    return kind(*parts) if hasattr(kind, "_fields") else kind(parts)


def _by_jax(flat: Callable[..., Any], leaves: list[Array]) -> Callable[..., Any]:
    return import_quietly("jax").jit(flat)


def _by_tensorflow(flat: Callable[..., Any], leaves: list[Array]) -> Callable[..., Any]:
    return import_quietly("tensorflow").function(flat, jit_compile=True, autograph=False)


def _by_torch(flat: Callable[..., Any], leaves: list[Array]) -> Callable[..., Any]:
    torch = import_quietly("torch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's own deprecations, while it imports its parts
        make_fx = import_quietly("torch.fx.experimental.proxy_tensor").make_fx
        graph = make_fx(flat)(*(x.view_as(x) for x in leaves))  # it tells inputs apart by identity
        compiled = torch.compile(graph)
        try:
            compiled(*leaves)
        except torch._dynamo.exc.TorchDynamoException as error:
            _LOG.warning("PyTorch can't compile here, the function runs uncompiled: %s", error)
            return graph
    return compiled


_COMPILERS = {"jax": _by_jax, "tensorflow": _by_tensorflow, "torch": _by_torch}
