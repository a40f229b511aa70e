"""The layout of θ: packing, unpacking, the mask of weights, and names of places."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeplearn_utils import arrays
from deeplearn_utils.parameters import Layout
from tests.wrong_inputs import NOT_FLOATS, assert_refused, no_array, two_dtypes, whole

SIZES = st.lists(st.integers(1, 6), min_size=2, max_size=5)
LAYOUT = Layout.dense([3, 4, 2])


def test_the_document_s_network():
    layout = Layout.dense([10, 64, 32, 1])
    assert layout.size == 10 * 64 + 64 + 64 * 32 + 32 + 32 + 1 == 2817
    assert layout.names == ("W1", "b1", "W2", "b2", "W3", "b3")
    assert layout.shapes == ((10, 64), (64,), (64, 32), (32,), (32, 1), (1,))


@given(SIZES)
def test_unpack_and_pack_undo_each_other(sizes):
    layout = Layout.dense(sizes)
    theta = np.arange(float(layout.size))
    W, b = layout.unpack(theta)
    assert [w.shape for w in W] == list(itertools.pairwise(sizes))
    assert [c.shape for c in b] == [(n,) for n in sizes[1:]]
    np.testing.assert_array_equal(layout.pack(W, b), theta)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_library(lib, dtype):
    theta = lib.array(np.arange(float(LAYOUT.size)), dtype)
    W, b = LAYOUT.unpack(theta)
    right_W, right_b = LAYOUT.unpack(np.arange(float(LAYOUT.size)))
    for ours, right in zip((*W, *b), (*right_W, *right_b), strict=True):
        assert lib.holds(ours, like=theta)
        np.testing.assert_array_equal(arrays.to_numpy(ours), right)
    packed, mask = LAYOUT.pack(W, b), LAYOUT.weights_mask(theta)
    assert lib.holds(packed, like=theta)
    assert lib.holds(mask, like=theta)
    np.testing.assert_array_equal(arrays.to_numpy(packed), arrays.to_numpy(theta))
    np.testing.assert_array_equal(arrays.to_numpy(mask), [1] * 12 + [0] * 4 + [1] * 8 + [0] * 2)


def test_a_theta_that_is_not_contiguous():
    wide = np.repeat(np.arange(float(LAYOUT.size)), 2)
    for theta in (wide[::2], wide[::-2]):
        W, b = LAYOUT.unpack(theta)
        np.testing.assert_array_equal(LAYOUT.pack(W, b), theta)
    W = [np.asfortranarray(w) for w in W]
    np.testing.assert_array_equal(LAYOUT.pack(W, b), theta)


@given(SIZES, st.data())
def test_locate_names_the_place(sizes, data):
    layout = Layout.dense(sizes)
    index = data.draw(st.integers(0, layout.size - 1))
    name, _, place = layout.locate(index).partition("[")
    W, b = layout.unpack(np.arange(float(layout.size)))
    parts = dict(
        zip(layout.names, (x for pair in zip(W, b, strict=True) for x in pair), strict=True)
    )
    assert parts[name][tuple(int(i) for i in place.rstrip("]").split(","))] == index


@pytest.mark.parametrize(
    ("index", "error", "rule"),
    [
        (-1, ValueError, "must be at least 0, got -1"),
        (LAYOUT.size, ValueError, "must be a number in [0, 25], got 26"),
        (1.5, TypeError, "must be a whole number, got 1.5"),
    ],
)
def test_locate_outside(index, error, rule):
    with pytest.raises(error, match=whole(f"`index` {rule}")):
        LAYOUT.locate(index)


def test_sizes_whose_number_is_beyond_int64():
    assert Layout.dense([2**32] * 4).offsets[-1] == 3 * (2**64 + 2**32)
    assert Layout.dense([3 * 10**9] * 4).size == 3 * (9 * 10**18 + 3 * 10**9)


@pytest.mark.parametrize("sizes", [[], [3], "3", 3, None, {3, 4}, np.array(3)])
def test_fewer_than_two_sizes(sizes):
    message = f"`sizes` must list at least inputs and outputs, such as [64, 10], got {sizes!r}"
    with pytest.raises(ValueError, match=whole(message)):
        Layout.dense(sizes)


@pytest.mark.parametrize(
    ("sizes", "error", "rule"),
    [
        ([3, 0], ValueError, "must be at least 1, got 0"),
        ([3, -1], ValueError, "must be at least 1, got -1"),
        ([3, 2.0], TypeError, "must be a whole number, got 2.0"),
    ],
)
def test_a_size_that_is_no_positive_whole_number(sizes, error, rule):
    with pytest.raises(error, match=whole(f"`sizes` {rule}")):
        Layout.dense(sizes)


def test_sizes_of_any_kind_give_the_same_layout():
    for sizes in ((3, 4, 2), np.array([3, 4, 2]), [np.int32(3), 4, 2]):
        assert Layout.dense(sizes) == LAYOUT
        assert hash(Layout.dense(sizes)) == hash(LAYOUT)
        assert all(type(n) is int for n in Layout.dense(sizes).weight_shapes[0])


@pytest.mark.parametrize("method", ["unpack", "weights_mask"])
@pytest.mark.parametrize("shape", [(25,), (27,), (26, 1), ()])
def test_a_theta_of_another_shape(lib, method, shape):
    hint = "; did you mean theta.reshape(-1)?" if shape == (26, 1) else ""
    message = f"`theta` must have shape (n_parameters,) = (26,), got {shape}{hint}"
    with pytest.raises(ValueError, match=whole(message)):
        getattr(LAYOUT, method)(lib.array(np.zeros(shape)))


@pytest.mark.parametrize("wrong", NOT_FLOATS)
@pytest.mark.parametrize("method", ["unpack", "weights_mask"])
def test_a_theta_of_no_floating_point_numbers(method, wrong):
    value = NOT_FLOATS[wrong]
    assert_refused(value, getattr(LAYOUT, method), value, argument="theta")


@pytest.mark.parametrize(
    ("shapes", "error", "rule"),
    [
        (None, TypeError, "a sequence of shapes, such as ((2, 3), (3, 1)), got NoneType"),
        ((2, 3), TypeError, "a sequence of shapes, such as ((2, 3), (3, 1)), got int"),
        ("ab", TypeError, "a sequence of shapes, such as ((2, 3), (3, 1)), got 'a'"),
        (((2.5, 3),), TypeError, "a whole number, got 2.5"),
        (((2, -3),), ValueError, "at least 1, got -3"),
    ],
)
def test_shapes_that_are_none(shapes, error, rule):
    with pytest.raises(error, match=whole(f"`weight_shapes` must be {rule}")):
        Layout(shapes)


@pytest.mark.parametrize("which", ["W", "b"])
def test_parts_that_are_no_list(which):
    parts = dict(zip("Wb", LAYOUT.unpack(np.zeros(26)), strict=True)) | {which: None}
    message = f"`{which}` must be a sequence of arrays, one for each layer, got NoneType"
    with pytest.raises(TypeError, match=whole(message)):
        LAYOUT.pack(**parts)


def test_parts_that_do_not_fit(lib):
    W, b = LAYOUT.unpack(lib.array(np.zeros(26)))
    for parts, message in (
        ((W[:1], b), "`W` and `b` must have one array a layer, 2, got 1 and 2"),
        (([W[0], W[0]], b), "`W2` must have shape (4, 2), got (3, 4)"),
        ((W, b[::-1]), "`b1` must have shape (4,), got (2,)"),
    ):
        with pytest.raises(ValueError, match=whole(message)):
            LAYOUT.pack(*parts)
    single, listed = lib.array(np.zeros(2), np.float32), [0.0, 0.0]
    with pytest.raises(TypeError, match=two_dtypes(W1=W[0], b2=single)):
        LAYOUT.pack(W, [b[0], single])
    with pytest.raises(TypeError, match=no_array(listed, "b2")):
        LAYOUT.pack(W, [b[0], listed])


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int64])
def test_narrow_sizes_count_on(kind):
    """The number of weights is beyond 8 bits."""
    right = Layout.dense([100, 90, 10])
    assert Layout.dense([kind(n) for n in (100, 90, 10)]) == right
    assert Layout(((kind(100), kind(90)), (kind(90), kind(10)))).size == right.size
    assert right.locate(kind(100)) == right.locate(100)
