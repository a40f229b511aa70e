"""Convolution in one and two dimensions, forward and backward, on every library."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deeplearn_utils import arrays
from deeplearn_utils.kernels.conv import conv1d, conv1d_backward, conv2d, conv2d_backward
from tests.kernels.slopes import slopes
from tests.libraries import TENSORFLOW
from tests.wrong_inputs import NOT_FLOATS, assert_refused, two_dtypes, two_libraries, whole

# image, kernel, channels in and out, samples, stride, padding
CASES = {
    "plain": ((5, 6), (3, 2), (2, 3), 2, 1, "valid"),
    "strides": ((7, 8), (3, 3), (1, 2), 2, (2, 3), "valid"),
    "same": ((5, 6), (3, 3), (2, 2), 2, 1, "same"),
    "same, even kernel": ((5, 4), (2, 4), (2, 2), 1, 1, "same"),
    "same, strides": ((6, 7), (3, 5), (1, 2), 1, (2, 3), "same"),
    "kernel of one": ((3, 4), (1, 1), (3, 2), 2, 1, "valid"),
    "kernel as large as the image": ((4, 3), (4, 3), (2, 2), 2, 1, "valid"),
    "kernel larger than the image": ((2, 3), (5, 4), (1, 2), 1, 1, "same"),
    "stride larger than the kernel": ((8, 9), (2, 1), (2, 1), 1, (3, 4), "valid"),
    "same, stride larger than the kernel": ((8, 9), (2, 1), (2, 1), 1, (3, 4), "same"),
    "one of everything": ((1, 1), (1, 1), (1, 1), 1, 1, "valid"),
    "no samples": ((4, 4), (3, 3), (2, 2), 0, 1, "same"),
}
BOTH_DTYPES = [(case, "float64") for case in CASES]
BOTH_DTYPES += [(case, "float32") for case in list(CASES)[:4]]


def layer(image, kernel, channels, n, stride, padding, dtype="float64", seed=0):
    """Return x, W, b and dz of a layer, and its options."""
    rng = np.random.default_rng(seed)
    x, W, b = (
        rng.normal(size=shape).astype(dtype)
        for shape in ((n, *image, channels[0]), (*kernel, *channels), channels[1:])
    )
    options = {"stride": stride, "padding": padding}
    dz = rng.normal(size=by_loops(x, W, b, **options).shape).astype(dtype)
    return x, W, b, dz, options


def by_loops(x, W, b, *, stride, padding):
    """Convolve as it is defined, one output at a time, in double precision."""
    down, right = stride if isinstance(stride, tuple) else (stride, stride)
    (kh, kw), (top, height), (left, width) = W.shape[:2], *borders(x, W, (down, right), padding)
    image = np.zeros((x.shape[0], top + x.shape[1] + kh, left + x.shape[2] + kw, x.shape[3]))
    image[:, top : top + x.shape[1], left : left + x.shape[2]] = x
    z = np.zeros((x.shape[0], height, width, W.shape[3]))
    for i in range(height):
        for j in range(width):
            window = image[:, i * down : i * down + kh, j * right : j * right + kw]
            z[:, i, j] = np.tensordot(window, W, 3) + b
    return z


def borders(x, W, strides, padding):
    """Return, for each axis, the padding before it and the size of the output."""
    for length, size, stride in zip(x.shape[1:3], W.shape[:2], strides, strict=True):
        if padding == "valid":
            yield 0, len(range(0, length - size + 1, stride))
        else:
            out = len(range(0, length, stride))
            yield max((out - 1) * stride + size - length, 0) // 2, out


def tolerance(dtype):
    return {"rtol": 1e-4, "atol": 1e-4} if dtype == "float32" else {"rtol": 1e-10, "atol": 1e-10}


@pytest.mark.parametrize(("case", "dtype"), BOTH_DTYPES)
def test_every_library_computes_the_definition(lib, case, dtype):
    x, W, b, dz, options = layer(*CASES[case], dtype)
    ours = [lib.array(v) for v in (x, W, b, dz)]
    z = conv2d(*ours[:3], **options)
    gradients = conv2d_backward(ours[3], *ours[:2], **options)
    plain = conv2d_backward(dz, x, W, **options)
    right = by_loops(x, W, b, **options)
    for got, expected in zip((z, *gradients), (right, *plain), strict=True):
        assert lib.holds(got, like=ours[0])
        assert tuple(got.shape) == expected.shape
        np.testing.assert_allclose(arrays.to_numpy(got), expected, **tolerance(dtype))
    for ours_after, values in zip(ours, (x, W, b, dz), strict=True):
        np.testing.assert_array_equal(arrays.to_numpy(ours_after), values)


@pytest.mark.parametrize("case", [name for name in CASES if name != "no samples"])
def test_gradients_are_the_slopes(case):
    x, W, b, dz, options = layer(*CASES[case])
    dx, dW, db = conv2d_backward(dz, x, W, **options)
    right = (
        slopes(lambda v: np.sum(dz * conv2d(v, W, b, **options)), x),
        slopes(lambda v: np.sum(dz * conv2d(x, v, b, **options)), W),
        slopes(lambda v: np.sum(dz * conv2d(x, W, v, **options)), b),
    )
    for got, expected in zip((dx, dW, db), right, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-7)


@st.composite
def layers(draw):
    """Any layer whose kernel fits its image."""
    padding = draw(st.sampled_from(["valid", "same"]))
    image = draw(st.tuples(st.integers(1, 7), st.integers(1, 7)))
    largest = image if padding == "valid" else (5, 5)
    kernel = tuple(draw(st.integers(1, size)) for size in largest)
    channels = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    stride = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    case = image, kernel, channels, draw(st.integers(1, 3)), stride, padding
    return layer(*case, seed=draw(st.integers(0, 99)))


@given(layers())
def test_any_layer_computes_the_definition(case):
    x, W, b, _, options = case
    np.testing.assert_allclose(
        conv2d(x, W, b, **options), by_loops(x, W, b, **options), rtol=1e-12, atol=1e-12
    )


@given(layers())
@settings(max_examples=60)
def test_any_layer_agrees_with_autograd(case):
    torch = pytest.importorskip("torch")
    x, W, b, dz, options = case
    leaves = [torch.tensor(v, requires_grad=True) for v in (x, W, b)]
    (conv2d(*leaves, **options) * torch.tensor(dz)).sum().backward()
    gradients = conv2d_backward(dz, x, W, **options)
    on_torch = conv2d_backward(*(torch.tensor(v) for v in (dz, x, W)), **options)
    for leaf, ours, theirs in zip(leaves, gradients, on_torch, strict=True):
        np.testing.assert_allclose(ours, leaf.grad.numpy(), rtol=1e-10, atol=1e-11)
        np.testing.assert_allclose(theirs.numpy(), leaf.grad.numpy(), rtol=1e-10, atol=1e-11)


@TENSORFLOW
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("stride", [1, 2])
def test_keras_layers_give_the_same(tf, stride, padding):
    x, W, b, _, options = layer((6, 7), (3, 2), (2, 4), 3, stride, padding, "float32")
    z = tf.keras.ops.conv(x, W, strides=stride, padding=padding) + b
    np.testing.assert_allclose(conv2d(x, W, b, **options), z.numpy(), rtol=1e-5, atol=1e-5)
    x, W = x[:, 0], W[0]
    z = tf.keras.ops.conv(x, W, strides=stride, padding=padding) + b
    np.testing.assert_allclose(conv1d(x, W, b, **options), z.numpy(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("stride", [1, 3])
def test_one_dimension_is_an_image_of_one_row(lib, stride, padding):
    x, W, b, dz, _ = layer((1, 9), (1, 4), (2, 3), 2, (1, stride), padding)
    rows = [lib.array(v) for v in (x[:, 0], W[0], b, dz[:, 0])]
    options = {"stride": stride, "padding": padding}
    z = conv1d(*rows[:3], **options)
    dx, dW, db = conv1d_backward(rows[3], *rows[:2], **options)
    options["stride"] = (1, stride)
    right = conv2d(x, W, b, **options), *conv2d_backward(dz, x, W, **options)
    expected = right[0][:, 0], right[1][:, 0], right[2][0], right[3]
    for got, e in zip((z, dx, dW, db), expected, strict=True):
        assert lib.holds(got, like=rows[0])
        assert tuple(got.shape) == e.shape
        np.testing.assert_allclose(arrays.to_numpy(got), e, rtol=1e-10, atol=1e-11)


def test_arrays_that_are_not_contiguous(lib):
    x, W, b, dz, options = layer((5, 6), (3, 2), (2, 4), 2, 1, "valid")
    right = conv2d(x, W, b), *conv2d_backward(dz, x, W)

    def spread(values):
        """Return the values as every second entry of a larger array."""
        return lib.array(np.repeat(values, 2, axis=-1))[..., ::2]

    z = conv2d(spread(x), spread(W), spread(b), **options)
    gradients = conv2d_backward(spread(dz), spread(x), spread(W), **options)
    for got, expected in zip((z, *gradients), right, strict=True):
        np.testing.assert_allclose(arrays.to_numpy(got), expected, rtol=1e-10, atol=1e-11)


def test_a_sample_does_not_depend_on_those_beside_it():
    x, W, b, _, options = layer((5, 5), (3, 3), (2, 3), 4, 1, "same")
    alone = [conv2d(x[k : k + 1], W, b, **options) for k in range(4)]
    np.testing.assert_allclose(np.concat(alone), conv2d(x, W, b, **options), rtol=1e-12)


TRACED = ["strides", "same, strides", "stride larger than the kernel"]


@pytest.mark.parametrize("case", TRACED)
def test_it_can_be_compiled(compiler, case):
    x, W, b, dz, options = layer(*CASES[case])

    @arrays.compile
    def both(x, W, b, dz):
        return conv2d(x, W, b, **options), *conv2d_backward(dz, x, W, **options)

    ours = both(*(compiler.array(v) for v in (x, W, b, dz)))
    for got, expected in zip(ours, both(x, W, b, dz), strict=True):
        np.testing.assert_allclose(arrays.to_numpy(got), expected, rtol=1e-10, atol=1e-10)


WRONG = [
    (
        {"x": (4, 2, 5, 6)},
        "`x` must have its 2 channels last, got shape (4, 2, 5, 6); try np.moveaxis(x, 1, -1)",
    ),
    ({"x": (4, 5, 6)}, "`x` must have shape (samples, height, width, c_in), got (4, 5, 6)"),
    (
        {"W": (3, 3, 1, 2)},
        "`W` must have shape (kh, kw, c_in, c_out) = (kh, kw, 2, c_out), got (3, 3, 1, 2)",
    ),
    (
        {"W": (3, 3, 2)},
        "`W` must have shape (kh, kw, c_in, c_out) = (kh, kw, 2, c_out), got (3, 3, 2)",
    ),
    ({"W": (0, 3, 2, 2)}, "`W` must have at least one element, got shape (0, 3, 2, 2)"),
    ({"b": (3,)}, "`b` must have shape (c_out,) = (2,), got (3,)"),
    (
        {"W": (7, 3, 2, 2)},
        "`W` must fit into `x`, got a window of length 7 for an axis of length 5; "
        'padding="same" adds a border',
    ),
    (
        {"dz": (4, 5, 4, 2)},
        "`dz` must have shape (samples, out_h, out_w, c_out) = (4, 3, 4, 2), got (4, 5, 4, 2)",
    ),
]


@pytest.mark.parametrize(("change", "message"), WRONG)
def test_wrong_shapes(lib, change, message):
    shapes = {"x": (4, 5, 6, 2), "W": (3, 3, 2, 2), "b": (2,), "dz": (4, 3, 4, 2)}
    p = {k: lib.array(np.zeros(shape)) for k, shape in {**shapes, **change}.items()}
    if "dz" not in change:
        with pytest.raises(ValueError, match=whole(message)):
            conv2d(p["x"], p["W"], p["b"])
    if "b" not in change:
        with pytest.raises(ValueError, match=whole(message)):
            conv2d_backward(p["dz"], p["x"], p["W"])


WRONG_1D = [
    ({"x": (4, 5, 6, 2)}, "`x` must have shape (samples, length, c_in), got (4, 5, 6, 2)"),
    ({"W": (3, 1, 2)}, "`W` must have shape (kw, c_in, c_out) = (kw, 2, c_out), got (3, 1, 2)"),
    (
        {"W": (7, 2, 2)},
        "`W` must fit into `x`, got a window of length 7 for an axis of length 5; "
        'padding="same" adds a border',
    ),
    ({"b": (3,)}, "`b` must have shape (c_out,) = (2,), got (3,)"),
    ({"dz": (4, 5, 2)}, "`dz` must have shape (samples, out, c_out) = (4, 3, 2), got (4, 5, 2)"),
]


@pytest.mark.parametrize(("change", "message"), WRONG_1D)
def test_wrong_shapes_in_one_dimension(change, message):
    shapes = {"x": (4, 5, 2), "W": (3, 2, 2), "b": (2,), "dz": (4, 3, 2)}
    p = {k: np.zeros(shape) for k, shape in {**shapes, **change}.items()}
    call, names = (conv1d_backward, "dz x W") if "dz" in change else (conv1d, "x W b")
    with pytest.raises(ValueError, match=whole(message)):
        call(*(p[name] for name in names.split()))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"stride": 0}, ValueError, "`stride` must be at least 1, got 0"),
        ({"stride": 1.5}, TypeError, "`stride` must be a whole number, got 1.5"),
        (
            {"stride": (1, 2, 3)},
            ValueError,
            "`stride` must be one whole number, or a pair of them, got (1, 2, 3)",
        ),
        ({"padding": "full"}, ValueError, "`padding` must be one of 'valid', 'same', got 'full'"),
        ({"padding": 1}, ValueError, "`padding` must be one of 'valid', 'same', got 1"),
    ],
)
def test_wrong_options(options, error, message):
    x, W, b = np.zeros((1, 3, 3, 1)), np.zeros((2, 2, 1, 1)), np.zeros(1)
    with pytest.raises(error, match=whole(message)):
        conv2d(x, W, b, **options)
    with pytest.raises(error, match=whole(message)):
        conv2d_backward(np.zeros((1, 2, 2, 1)), x, W, **options)


def test_one_dimension_has_one_stride():
    with pytest.raises(TypeError, match=whole("`stride` must be a whole number, got (1, 2)")):
        conv1d(np.zeros((1, 3, 1)), np.zeros((2, 1, 1)), np.zeros(1), stride=(1, 2))


def test_dtypes_and_libraries_are_never_mixed(lib):
    x, b = lib.array(np.zeros((1, 3, 3, 1))), lib.array(np.zeros(1))
    single = lib.array(np.zeros((2, 2, 1, 1)), np.float32)
    with pytest.raises(TypeError, match=two_dtypes(x=x, W=single)):
        conv2d(x, single, b)
    foreign = lib.foreign_array(np.zeros((2, 2, 1, 1)))
    with pytest.raises(TypeError, match=two_libraries(x=x, W=foreign)):
        conv2d(x, foreign, b)


@pytest.mark.parametrize("wrong", NOT_FLOATS)
@pytest.mark.parametrize("name", ["x", "W", "b"])
def test_what_is_no_floating_point_array_is_refused(wrong, name):
    p = {"x": np.zeros((1, 3, 3, 1)), "W": np.zeros((2, 2, 1, 1)), "b": np.zeros(1)}
    value = p[name] = NOT_FLOATS[wrong]
    assert_refused(value, conv2d, p["x"], p["W"], p["b"], argument=name)
