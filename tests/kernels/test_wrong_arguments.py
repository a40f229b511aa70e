"""One wrong argument of a kernel at a time: the message begins with its name."""

import inspect

import numpy as np
import pytest

from tests.kernels.every_kernel import every_kernel

A = {  # shapes that fit together, by kernel and argument
    "z": (3, 4), "da": (3, 4), "prediction": (3, 4), "target": (3, 4), "theta": (5,), "g": (5,),
    "m": (5,), "v": (5,), "s": (5,), "mask": (5,), "gamma": (4,), "beta": (4,), "mean": (4,),
    "variance": (4,),
}  # fmt: skip
IMAGES = {"x": (2, 6, 6, 3), "W": (2, 2, 3, 4), "b": (4,), "dz": (2, 5, 5, 4)}
SEQUENCES = {"x": (2, 6, 3), "W": (2, 3, 4), "b": (4,), "dz": (2, 5, 4)}
LAYER = {"x": (3, 4), "W": (4, 5), "b": (5,), "dz": (3, 5)}
SHAPES = {
    "dense": LAYER,
    "dense_backward": LAYER,
    "conv2d": IMAGES,
    "conv2d_backward": IMAGES,
    "conv1d": SEQUENCES,
    "conv1d_backward": SEQUENCES,
    "pool2d": {**IMAGES, "dz": (2, 3, 3, 3)},
    "pool1d": {**SEQUENCES, "dz": (2, 3, 3)},
    "dropout": {"a": (3, 4), "mask": (3, 4)},
    "dropout_backward": {"da": (3, 4), "mask": (3, 4)},
    "normalization": {**A, "x": (3, 4), "dz": (3, 4)},
}
REFERENCES = {"x", "z", "prediction", "theta", "a"}  # the others must fit these
NUMBERS = {
    "learning_rate": 0.1, "momentum": 0.5, "decay": 0.5, "epsilon": 0.1, "beta1": 0.5, "beta2": 0.5,
    "weight_decay": 0.1, "max_norm": 1.0, "t": 1,
}  # fmt: skip
SHOWN = {"g": "gradient", "mask": "weights_mask"}  # the optimizers' word for it
WRONG_NUMBERS = {
    **dict.fromkeys(("epsilon", "max_norm", "delta"), (0.0, -1.0, "1", None, np.ones(2))),
    **dict.fromkeys(("negative_slope", "alpha"), (np.nan, "1", None, np.ones(2))),
    **dict.fromkeys(("window", "stride"), (0, -1, 1.5, "1")),
    "padding": ("SAME", None, 3),
}


def shapes(name):
    fits = [key for key in SHAPES if key == name or key in ("pool1d", "pool2d", "normalization")]
    return next((SHAPES[key] for key in fits if key in name), A)


def kernels():
    """Yield each public kernel with the values of its arguments that are right together."""
    rng = np.random.default_rng(0)
    for name, function in every_kernel():
        if name.startswith(("check", "is_", "one_hot", "targets", "dropout_mask")):
            continue
        right = {}
        for p in inspect.signature(function).parameters.values():
            if p.name in NUMBERS:
                right[p.name] = NUMBERS[p.name]
            elif p.default is inspect.Parameter.empty:
                right[p.name] = rng.uniform(0.1, 0.9, shapes(name)[p.name])
        yield pytest.param(function, right, id=name)


def call(function, values):
    kinds = inspect.signature(function).parameters
    positional = [
        v for k, v in values.items() if kinds[k].kind is not inspect.Parameter.KEYWORD_ONLY
    ]
    named = {k: v for k, v in values.items() if kinds[k].kind is inspect.Parameter.KEYWORD_ONLY}
    return function(*positional, **named)


@pytest.mark.parametrize(("function", "right"), list(kernels()))
def test_a_wrong_array_is_named(function, right):
    call(function, right)
    names = [name for name, value in right.items() if isinstance(value, np.ndarray)]
    for name in names:
        x = right[name]
        wrong = [None, x.tolist(), x.astype(int), x.astype(complex), x.astype("f2"), np.ma.array(x)]
        if name == "target":
            wrong = [None, x.tolist(), x.astype(complex), x[:, :3]]
        elif name not in REFERENCES and names[:2] != [name, "mask"] and len(names) > 1:
            wrong += [x[..., None], x[..., :0], np.concatenate([x, x], axis=-1)]
        if name == "W":
            wrong = [w for w in wrong if not hasattr(w, "shape") or w.shape[:-1] != x.shape[:-1]]
        for value in wrong:
            with pytest.raises((TypeError, ValueError)) as caught:
                call(function, {**right, name: value})
            message = str(caught.value)
            shown = SHOWN.get(name, name) if function.__module__.endswith("updates") else name
            assert message.startswith(f"`{shown}`"), (name, value, message)


@pytest.mark.parametrize(("function", "right"), list(kernels()))
def test_a_wrong_option_is_named(function, right):
    if function.__module__.endswith("updates") and function.__name__ != "clip_by_norm":
        pytest.skip("the optimizers check their options once, when they are made")
    for name in inspect.signature(function).parameters:
        for value in WRONG_NUMBERS.get(name, []):
            if name == "stride" and value is None:
                continue
            with pytest.raises((TypeError, ValueError)) as caught:
                call(function, {**right, name: value})
            assert str(caught.value).startswith(f"`{name}`"), (name, value, str(caught.value))
