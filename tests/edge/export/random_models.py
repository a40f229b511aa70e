"""8-bit models with weights from a seed: every layer, stride, padding and reshape."""

import numpy as np

from deeplearn_utils.edge.integer import IntegerModel, Step, Tensor


def tensor(rng, *shape):
    return Tensor(shape, "int8", float(rng.uniform(0.01, 0.1)), int(rng.integers(-128, 127)))


def weights(rng, *shape):
    W = rng.integers(-127, 128, shape, dtype=np.int8)
    b = rng.integers(-5000, 5000, shape[-1], dtype=np.int32)
    return {"W": W, "b": b, "W_scale": rng.uniform(1e-3, 1e-2, shape[-1]).astype("float32")}


def image_model(seed):
    """Return a model that reshapes first and last, with windows that leave the image."""
    rng = np.random.default_rng(seed)
    tensors = [
        *(tensor(rng, 105), tensor(rng, 7, 5, 3), tensor(rng, 4, 5, 6), tensor(rng, 2, 2, 6)),
        *(
            tensor(rng, 2, 2, 6),
            tensor(rng, 1, 1, 6),
            tensor(rng, 6),
            tensor(rng, 8),
            tensor(rng, 4, 2),
        ),
    ]
    tensors[1] = Tensor((7, 5, 3), "int8", tensors[0].scale, tensors[0].zero_point)
    for at in (4, 5, 6):
        tensors[at] = Tensor(tensors[at].shape, "int8", tensors[3].scale, tensors[3].zero_point)
    tensors[8] = Tensor((4, 2), "int8", tensors[7].scale, tensors[7].zero_point)
    steps = (
        Step("reshape", (0,), 1),
        Step("conv2d", (1,), 2, **weights(rng, 3, 2, 3, 6), stride=(2, 1), padding="same"),
        Step("depthwise_conv2d", (2,), 3, **weights(rng, 3, 4, 6), low=-100),
        Step("max_pool2d", (3,), 4, window=(3, 2), stride=(1, 1), padding="same", high=90),
        Step("average_pool2d", (4,), 5, window=(2, 2), stride=(2, 2)),
        Step("reshape", (5,), 6),
        Step("dense", (6,), 7, **weights(rng, 6, 8)),
        Step("reshape", (7,), 8),
    )
    return IntegerModel(tuple(tensors), steps, 0, 8)


def branched_model(seed):
    """Return a model whose last layers add the outputs of others, and of the first."""
    rng = np.random.default_rng(seed)
    tensors = (*(tensor(rng, 5, 4, 3) for _ in range(4)), tensor(rng, 60), tensor(rng, 60))
    steps = (
        Step("conv2d", (0,), 1, **weights(rng, 3, 3, 3, 3), padding="same"),
        Step("add", (1, 0), 2, low=-90),
        Step("add", (2, 1), 3, high=100),
        Step("reshape", (3,), 4),
        Step("add", (4, 4), 5),
    )
    reshaped = Tensor((60,), "int8", tensors[3].scale, tensors[3].zero_point)
    return IntegerModel((*tensors[:4], reshaped, tensors[5]), steps, 0, 5)


def inputs(model, n, seed=0):
    shape = (n, *model.tensors[model.input].shape)
    return np.random.default_rng(seed).integers(-128, 128, shape, dtype=np.int8)
