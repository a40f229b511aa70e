"""Maximum and average pooling in one and two dimensions, forward and backward."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deeplearn_utils import arrays
from deeplearn_utils.kernels import pooling
from tests.libraries import TENSORFLOW
from tests.wrong_inputs import NOT_FLOATS, assert_refused, whole

KINDS = ["max", "average"]

# image, channels, samples, window, stride, padding
CASES = {
    "touching": ((4, 6), 2, 2, 2, None, "valid"),
    "a rest at the border": ((5, 7), 1, 2, (2, 3), None, "valid"),
    "overlapping": ((5, 6), 2, 1, 3, 2, "valid"),
    "same": ((5, 6), 2, 2, 2, None, "same"),
    "same, overlapping": ((5, 4), 2, 1, (3, 4), (1, 2), "same"),
    "window larger than the image": ((2, 3), 1, 1, 5, 1, "same"),
    "stride larger than the window": ((8, 9), 2, 1, (2, 1), (3, 4), "valid"),
    "same, stride larger than the window": ((8, 9), 1, 1, 2, 5, "same"),
    "the whole image": ((3, 4), 3, 2, (3, 4), None, "valid"),
    "windows of one": ((3, 4), 2, 1, 1, None, "same"),
    "no samples": ((4, 4), 2, 0, 2, None, "valid"),
}
BOTH_DTYPES = [(case, "float64") for case in CASES]
BOTH_DTYPES += [(case, "float32") for case in list(CASES)[:4]]


def images(image, channels, n, window, stride, padding, dtype="float64", *, ties=False, seed=0):
    """Return x and dz of a pooling layer, and its options."""
    rng = np.random.default_rng(seed)
    shape = (n, *image, channels)
    x = rng.integers(-2, 2, shape) if ties else rng.normal(size=shape)
    options = {"window": window, "stride": stride, "padding": padding}
    dz = rng.normal(size=by_loops("max", x, **options).shape).astype(dtype)
    return x.astype(dtype), dz, options


def both(value):
    return value if isinstance(value, tuple) else (value, value)


def places(x, *, window, stride, padding):
    """Yield, for every output, its place and the part of the image that its window covers."""
    strides = both(window if stride is None else stride)
    axes = [
        covered(*axis, padding=padding)
        for axis in zip(x.shape[1:3], both(window), strides, strict=True)
    ]
    for i, rows in enumerate(axes[0]):
        for j, columns in enumerate(axes[1]):
            yield i, j, (slice(None), rows, columns)


def covered(length, window, stride, *, padding):
    """Return what each window along an axis covers."""
    if padding == "valid":
        return [slice(at, at + window) for at in range(0, length - window + 1, stride)]
    out = len(range(0, length, stride))
    before = max((out - 1) * stride + window - length, 0) // 2
    starts = [k * stride - before for k in range(out)]
    return [slice(max(at, 0), at + window) for at in starts]


def by_loops(kind, x, **options):
    """Pool as it is defined, one output at a time."""
    steps = list(places(x, **options))
    z = np.zeros((x.shape[0], steps[-1][0] + 1, steps[-1][1] + 1, x.shape[3]))
    for i, j, at in steps:
        z[:, i, j] = x[at].max((1, 2)) if kind == "max" else x[at].mean((1, 2))
    return z


def backward_by_loops(kind, dz, x, **options):
    """Send the gradient back, one output, sample and channel at a time."""
    dx = np.zeros(x.shape)
    for i, j, at in places(x, **options):
        part = np.zeros(x[at].shape)
        for n, c in np.ndindex(x.shape[0], x.shape[3]):
            if kind == "average":
                part[n, :, :, c] = dz[n, i, j, c] / part[n, :, :, c].size
            else:
                part[n, :, :, c].flat[np.argmax(x[at][n, :, :, c])] = dz[n, i, j, c]
        dx[at] += part
    return dx


def kernels(kind, axes=2):
    """Return the forward and the backward kernel."""
    name = f"{kind}_pool{axes}d"
    return getattr(pooling, name), getattr(pooling, f"{name}_backward")


@pytest.mark.parametrize(("case", "dtype"), BOTH_DTYPES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_library_computes_the_definition(lib, kind, case, dtype):
    x, dz, options = images(*CASES[case], dtype)
    ours = lib.array(x), lib.array(dz)
    forward, backward = kernels(kind)
    z, dx = forward(ours[0], **options), backward(ours[1], ours[0], **options)
    right = by_loops(kind, x, **options), backward_by_loops(kind, dz, x, **options)
    digits = {"rtol": 1e-5, "atol": 1e-5} if dtype == "float32" else {"rtol": 1e-12, "atol": 1e-14}
    for got, expected in zip((z, dx), right, strict=True):
        assert lib.holds(got, like=ours[0])
        assert tuple(got.shape) == expected.shape
        np.testing.assert_allclose(arrays.to_numpy(got), expected, **digits)
    np.testing.assert_array_equal(arrays.to_numpy(ours[0]), x)
    np.testing.assert_array_equal(arrays.to_numpy(ours[1]), dz)


@pytest.mark.parametrize("case", ["touching", "overlapping", "same, overlapping"])
def test_of_equal_maxima_the_first_gets_the_gradient(lib, case):
    x, dz, options = images(*CASES[case], ties=True)
    dx = pooling.max_pool2d_backward(lib.array(dz), lib.array(x), **options)
    expected = backward_by_loops("max", dz, x, **options)
    np.testing.assert_allclose(arrays.to_numpy(dx), expected, rtol=1e-12, atol=1e-14)


@st.composite
def layers(draw):
    """Any pooling layer whose window fits its image; many entries are equal."""
    padding = draw(st.sampled_from(["valid", "same"]))
    image = draw(st.tuples(st.integers(1, 7), st.integers(1, 7)))
    largest = image if padding == "valid" else (5, 5)
    window = tuple(draw(st.integers(1, size)) for size in largest)
    stride = draw(st.none() | st.tuples(st.integers(1, 4), st.integers(1, 4)))
    case = image, draw(st.integers(1, 2)), draw(st.integers(1, 2)), window, stride, padding
    return images(*case, ties=draw(st.booleans()), seed=draw(st.integers(0, 99)))


@pytest.mark.parametrize("kind", KINDS)
@given(layers())
def test_any_layer_computes_the_definition(kind, case):
    x, dz, options = case
    forward, backward = kernels(kind)
    np.testing.assert_allclose(forward(x, **options), by_loops(kind, x, **options), rtol=1e-12)
    expected = backward_by_loops(kind, dz, x, **options)
    np.testing.assert_allclose(backward(dz, x, **options), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
@given(layers())
@settings(max_examples=40)
def test_any_layer_agrees_with_autograd(kind, case):
    torch = pytest.importorskip("torch")
    x, dz, options = case
    forward, backward = kernels(kind)
    leaf = torch.tensor(x, requires_grad=True)
    (forward(leaf, **options) * torch.tensor(dz)).sum().backward()
    on_torch = backward(torch.tensor(dz), torch.tensor(x), **options)
    for got in (backward(dz, x, **options), on_torch.numpy()):
        np.testing.assert_allclose(got, leaf.grad.numpy(), rtol=1e-12, atol=1e-14)


@TENSORFLOW
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_keras_layers_give_the_same(tf, kind, stride, padding):
    keras_pool = getattr(tf.keras.ops, f"{kind}_pool")
    x, _, options = images((6, 7), 2, 3, 3, stride, padding, "float32")
    z = keras_pool(x, 3, stride, padding).numpy()
    np.testing.assert_allclose(kernels(kind)[0](x, **options), z, rtol=1e-5, atol=1e-6)
    z = keras_pool(x[:, 0], 3, stride, padding).numpy()
    np.testing.assert_allclose(kernels(kind, 1)[0](x[:, 0], **options), z, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("stride", "padding"), [(None, "valid"), (2, "same")])
def test_one_dimension_is_an_image_of_one_row(lib, kind, stride, padding):
    step = None if stride is None else (1, stride)
    x, dz, options = images((1, 8), 2, 3, (1, 3), step, padding)
    right = [
        kernel(*v, **options) for kernel, v in zip(kernels(kind), ((x,), (dz, x)), strict=True)
    ]
    rows = lib.array(x[:, 0]), lib.array(dz[:, 0])
    forward, backward = kernels(kind, 1)
    options = {"window": 3, "stride": stride, "padding": padding}
    for got, expected in zip(
        (forward(rows[0], **options), backward(rows[1], rows[0], **options)), right, strict=True
    ):
        assert lib.holds(got, like=rows[0])
        np.testing.assert_allclose(arrays.to_numpy(got), expected[:, 0], rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_arrays_that_are_not_contiguous(lib, kind):
    x, dz, options = images(*CASES["overlapping"])
    ours = [lib.array(np.repeat(v, 2, axis=-1))[..., ::2] for v in (x, dz)]
    forward, backward = kernels(kind)
    np.testing.assert_allclose(
        arrays.to_numpy(forward(ours[0], **options)), forward(x, **options), rtol=1e-13
    )
    dx = backward(ours[1], ours[0], **options)
    np.testing.assert_allclose(arrays.to_numpy(dx), backward(dz, x, **options), rtol=1e-12)


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_infinite_entries(padding):
    x = np.full((1, 3, 3, 1), -np.inf)
    options = {"window": 3, "stride": 1, "padding": padding}
    z = pooling.max_pool2d(x, **options)
    assert (z == -np.inf).all()
    dx = pooling.max_pool2d_backward(np.ones_like(z), x, **options)
    assert dx.sum() == z.size  # the border that padding adds takes nothing


def test_an_infinite_gradient_stays_at_its_place(lib):
    x, dz = np.arange(8.0).reshape(1, 2, 4, 1), np.array([np.inf, -1.0]).reshape(1, 1, 2, 1)
    dx = arrays.to_numpy(pooling.max_pool2d_backward(lib.array(dz), lib.array(x)))
    np.testing.assert_array_equal(dx[0, :, :, 0], [[0, 0, 0, 0], [0, np.inf, 0, -1]])


def test_a_missing_number_is_seen():
    x = np.zeros((1, 2, 4, 1))
    x[0, 0, 0, 0] = np.nan
    np.testing.assert_array_equal(np.isnan(pooling.max_pool2d(x)).ravel(), [True, False])
    np.testing.assert_array_equal(np.isnan(pooling.average_pool2d(x)).ravel(), [True, False])


@pytest.mark.parametrize("case", ["overlapping", "same, overlapping"])
@pytest.mark.parametrize("kind", KINDS)
def test_it_can_be_compiled(compiler, kind, case):
    forward, backward = kernels(kind)
    x, dz, options = images(*CASES[case])

    @arrays.compile
    def both(x, dz):
        return forward(x, **options), backward(dz, x, **options)

    ours = both(*(compiler.array(v) for v in (x, dz)))
    for got, expected in zip(ours, both(x, dz), strict=True):
        np.testing.assert_allclose(arrays.to_numpy(got), expected, rtol=1e-12)


WRONG = [
    ((4, 5, 6), None, {}, "`x` must have shape (samples, height, width, channels), got (4, 5, 6)"),
    (
        (1, 2, 3, 1),
        None,
        {"window": 3},
        "`window` must fit into `x`, got a window of length 3 for an axis of length 2; "
        'padding="same" adds a border',
    ),
    (
        (1, 0, 3, 1),
        None,
        {"padding": "same"},
        "`x` must have at least one row and one column, got (0, 3)",
    ),
    ((1, 4, 4, 1), None, {"window": 0}, "`window` must be at least 1, got 0"),
    (
        (1, 4, 4, 1),
        None,
        {"window": (1, 2, 3)},
        "`window` must be one whole number, or a pair of them, got (1, 2, 3)",
    ),
    ((1, 4, 4, 1), None, {"stride": -1}, "`stride` must be at least 1, got -1"),
    (
        (1, 4, 4, 1),
        None,
        {"padding": "SAME"},
        "`padding` must be one of 'valid', 'same', got 'SAME'",
    ),
    (
        (1, 4, 4, 1),
        None,
        {"window": 10**9, "padding": "same"},
        "the border around `x` that `window` = (1000000000, 1000000000) needs asks for 1e+18 "
        "numbers (8e+09 GB), more than the 134217728 (1 GB) that are made at once",
    ),
    (
        (256, 4, 4, 64),
        None,
        {"window": 5000, "padding": "same"},
        "the border around `x` that `window` = (5000, 5000) needs asks for 4.1e+11 numbers "
        "(3277 GB), more than the 134217728 (1 GB) that are made at once",
    ),
    (
        (1, 4, 4, 1),
        (1, 4, 4, 1),
        {},
        "`dz` must have shape (samples, out_h, out_w, channels) = (1, 2, 2, 1), got (1, 4, 4, 1)",
    ),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("x", "dz", "options", "message"), WRONG)
def test_wrong_shapes_and_options(kind, x, dz, options, message):
    forward, backward = kernels(kind)
    if dz is None:
        with pytest.raises(ValueError, match=whole(message)):
            forward(np.zeros(x), **options)
    with pytest.raises(ValueError, match=whole(message)):
        backward(np.zeros(dz or (1, 2, 2, 1)), np.zeros(x), **options)


@pytest.mark.parametrize("kind", KINDS)
def test_one_dimension_has_one_window_and_stride(kind):
    forward, backward = kernels(kind, 1)
    with pytest.raises(TypeError, match=whole("`window` must be a whole number, got (2, 2)")):
        forward(np.zeros((1, 4, 1)), window=(2, 2))
    with pytest.raises(TypeError, match=whole("`stride` must be a whole number, got 0.5")):
        backward(np.zeros((1, 2, 1)), np.zeros((1, 4, 1)), stride=0.5)
    message = "`x` must have shape (samples, length, channels), got (1, 4)"
    with pytest.raises(ValueError, match=whole(message)):
        forward(np.zeros((1, 4)))
    for dz in ((1, 2), (1, 3, 1)):
        message = f"`dz` must have shape (samples, out, channels) = (1, 2, 1), got {dz}"
        with pytest.raises(ValueError, match=whole(message)):
            backward(np.zeros(dz), np.zeros((1, 4, 1)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wrong", NOT_FLOATS)
def test_what_is_no_floating_point_array_is_refused(kind, wrong):
    value = NOT_FLOATS[wrong]
    forward, backward = kernels(kind)
    assert_refused(value, forward, value, argument="x")
    dz = np.zeros((1, 2, 2, 1))
    assert_refused(value, backward, dz, value, argument="x")


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_a_nan_is_not_passed_over(lib, padding):
    x = np.arange(32.0).reshape(2, 4, 4, 1)
    x[0, 0, 1] = x[0, 3, 3] = x[1, 2:, :2] = np.nan
    z = arrays.to_numpy(pooling.max_pool2d(lib.array(x), padding=padding))
    np.testing.assert_array_equal(
        z[..., 0], [[[np.nan, 7], [13, np.nan]], [[21, 23], [np.nan, 31]]]
    )
    dz = np.arange(1.0, 9.0).reshape(2, 2, 2, 1)
    dx = arrays.to_numpy(pooling.max_pool2d_backward(lib.array(dz), lib.array(x), padding=padding))[
        ..., 0
    ]
    where = ([0, 0, 0, 0, 1, 1, 1, 1], [0, 1, 3, 3, 1, 1, 2, 3], [1, 3, 1, 3, 1, 3, 0, 3])
    np.testing.assert_array_equal(dx[where], dz.ravel())
    assert np.count_nonzero(dx) == dz.size
