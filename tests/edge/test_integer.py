"""8-bit models, layer by layer: NumPy's integers are those of each runtime, bit for bit."""

import re

import numpy as np
import pytest

from deeplearn_utils import arrays
from deeplearn_utils.edge import ModelError, integer
from deeplearn_utils.edge.compress import litert_bytes, post_training
from deeplearn_utils.kernels.quantize import quantize
from tests.libraries import installed
from tests.wrong_inputs import no_array

need_micro = pytest.mark.skipif(
    not installed("tflite_micro"), reason="tflite-micro has packages for Linux on x86-64 only"
)


def cut(content, n_layers, *, edit=None):
    """Return the file of a model that stops after some layers."""
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(content, 0)
    (graph,) = model.subgraphs
    graph.operators = graph.operators[:n_layers]
    graph.outputs = [graph.operators[-1].outputs[0]]
    model.signatureDefs = None
    if edit is not None:
        edit(model)
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def by_micro(content, X):
    from tflite_micro.python.tflite_micro import runtime

    interpreter = runtime.Interpreter.from_bytes(content)
    outputs = []
    for x in X:
        interpreter.set_input(x[None], 0)
        interpreter.invoke()
        outputs.append(interpreter.get_output(0).copy())
    return np.concatenate(outputs)


@pytest.fixture(scope="module")
def model(int8_ends_file):
    return integer.read(int8_ends_file)


@pytest.fixture(scope="module")
def whole(model, digit_images):
    """Give the digits of the whole test set as the model takes them."""
    takes = model.tensors[model.input]
    return quantize(digit_images["X_test"], takes.scale, takes.zero_point)


def n_differences(found, ours):
    return int((found.reshape(len(found), -1) != ours.reshape(len(ours), -1)).sum())


def test_float_rounding_is_litert_layer_by_layer(model, whole, int8_ends_file, run_litert):
    kinds = []
    for n, (step, ours) in enumerate(model.layers(whole, rounding="float"), 1):
        found = run_litert(cut(int8_ends_file, n), whole)
        assert n_differences(found, ours) == 0, step.kind
        kinds.append(step.kind)
    assert set(kinds) == {
        "dense",
        *(f"{k}2d" for k in ("conv", "depthwise_conv", "max_pool", "average_pool")),
    }


@need_micro
def test_double_rounding_is_micro_layer_by_layer(model, whole, int8_ends_file):
    for n, (step, ours) in enumerate(model.layers(whole, rounding="double"), 1):
        found = by_micro(cut(int8_ends_file, n), whole)
        assert n_differences(found, ours) == 0, step.kind


def test_the_reference_kernels_round_convolutions_twice_and_dense_layers_once(
    model, whole, int8_ends_file, run_litert
):
    before = whole
    for n, step in enumerate(model.steps, 1):
        rounding = "single" if step.kind == "dense" else "double"
        before = model._run(step, [before], rounding)
        found = run_litert(cut(int8_ends_file, n), whole, "BUILTIN_REF")
        assert n_differences(found, before) == 0, step.kind


def test_two_roundings_differ_on_digits(model, whole):
    outputs = [model.predict(whole, rounding=rounding) for rounding in ("float", "double")]
    apart = np.abs(outputs[0].astype(int) - outputs[1])
    assert (apart > 0).any()
    assert apart.max() <= 5


def test_real_ends_are_litert_too(int8_file, digit_images, run_litert):
    X = digit_images["X_test"]
    model = integer.read(int8_file)
    assert [model.steps[0].kind, model.steps[-1].kind] == ["quantize", "dequantize"]
    np.testing.assert_array_equal(model.predict(X), run_litert(int8_file, X), strict=True)
    np.testing.assert_array_equal(model.real(model.predict(X)), model.predict(X))


def test_real_inputs_of_an_int8_model_are_rounded_as_its_path_does(model, whole, digit_images):
    found = model.predict(digit_images["X_test"])
    np.testing.assert_array_equal(found, model.predict(whole))
    gives = model.tensors[model.output]
    expected = np.float32(gives.scale) * (found.astype("float32") - gives.zero_point)
    np.testing.assert_array_equal(model.real(found), expected, strict=True)


def test_its_accuracy_is_that_of_a_classifier(int8_file, digit_images):
    model = integer.read(int8_file)
    right = model.predict(digit_images["X_test"]).argmax(axis=1) == digit_images["y_test"]
    assert right.mean() > 0.8


def test_operations_are_products_of_a_weight_and_an_input(model):
    convolutions = 64 * (9 * 8 + 9 * 8 + 8 * 12) + 4 * 9 * 12 * 16
    assert model.operations() == convolutions + 16 * 16 + 16 * 10


@pytest.fixture(scope="module")
def large_file(tf):
    """Give a file of such a size that its weights stand behind its tables."""
    keras = arrays.import_quietly("keras")
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(600, activation="relu"), keras.layers.Dense(10)]
    content = litert_bytes(keras.Sequential([keras.Input((600,)), *layers]))
    X = np.random.default_rng(0).uniform(size=(20, 600)).astype("float32")
    return post_training(content, to="int8", X=X, real_ends=False)


def test_weights_behind_the_tables_are_read(large_file, run_litert):
    from ai_edge_litert import schema_py_generated as schema

    buffers = schema.ModelT.InitFromPackedBuf(large_file, 0).buffers
    assert any(buffer.offset and buffer.data is None for buffer in buffers)
    X = np.random.default_rng(1).integers(-128, 128, (50, 600), dtype=np.int8)
    found = integer.read(large_file).predict(X)
    np.testing.assert_array_equal(found, run_litert(large_file, X))


@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_sums_of_two_are_each_runtimes(activation, tf, run_litert):
    keras = arrays.import_quietly("keras")
    keras.utils.set_random_seed(1)
    layers = keras.layers
    takes = keras.Input((8, 8, 3))
    first = layers.Conv2D(6, 3, padding="same", activation="relu")(takes)
    second = layers.Conv2D(6, 3, padding="same")(first)
    gives = layers.Activation(activation)(layers.Add()([first, second]))
    rng = np.random.default_rng(0)
    X = rng.normal(size=(64, 8, 8, 3)).astype("float32")
    content = litert_bytes(keras.Model(takes, gives))
    content = post_training(content, to="int8", X=X, real_ends=False)
    model = integer.read(content)
    assert model.steps[-1].kind == "add"
    X = rng.integers(-128, 128, (200, 8, 8, 3), dtype=np.int8)
    for rounding, kernels in (("float", "AUTO"), ("double", "BUILTIN_REF")):
        found = run_litert(content, X, kernels)
        np.testing.assert_array_equal(model.predict(X, rounding=rounding), found)


# What is no 8-bit model


def test_weights_that_are_cut_off(large_file):
    short = len(large_file) - 1000
    with pytest.raises(ModelError) as caught:
        integer.read(large_file[:short])
    said = rf"`the model` can't be read as an 8-bit model: weights end at byte \d+ of {short}"
    assert re.fullmatch(said, str(caught.value))


def refused(message, content):
    with pytest.raises(ModelError, match=f"^{re.escape(message)}$"):
        integer.read(content)


def test_other_files_are_told(float_file, tmp_path):
    refused("`the model` is no LiteRT model: its bytes 4 to 8 are b'o'", b"hello")
    path = tmp_path / "m.tflite"
    path.write_bytes(b"")
    refused(f"`{path}` is no LiteRT model: its bytes 4 to 8 are b''", path)
    refused(
        "`the model` can't be read as an 8-bit model: a layer CONV_2D computes with float32",
        float_file,
    )


def change(place, value):
    """Return an edit of a model's file: a path of attributes and indices, and what stands there."""

    def edit(model):
        at = model
        *path, last = place
        for key in path:
            at = at[key] if isinstance(key, int) else getattr(at, key)
        setattr(at, last, value)

    return edit


GRAPH = ("subgraphs", 0)
FIRST = (*GRAPH, "operators", 0)


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ((*FIRST, "builtinOptions", "dilationHFactor"), 2, "it has a dilated convolution"),
        ((*FIRST, "builtinOptions", "strideW"), 0, "a stride is less than 1"),
        (
            (*FIRST, "builtinOptions", "strideW"), 2,
            "a conv2d makes shape (8, 8, 8) of (8, 8, 1)",
        ),
        (
            (*FIRST, "builtinOptions", "fusedActivationFunction"), 4,
            "it has the activation 4; none, ReLU and ReLU6 are known",
        ),
        (
            (*GRAPH, "tensors", 0, "shape"), [1, 8, 8, 2],
            "a conv2d makes shape (8, 8, 8) of (8, 8, 2)",
        ),
        ((*GRAPH, "tensors", 0, "shape"), [1, 8, -8, 1], "a tensor has shape (1, 8, -8, 1)"),
        ((*GRAPH, "tensors", 0, "type"), 2, "it computes with int32; int8 is read"),
        ((*GRAPH, "tensors", 0, "quantization", "scale"), [np.nan], "a scale is not positive: nan"),
        ((*GRAPH, "tensors", 0, "quantization", "scale"), None, "an int8 tensor has no scale"),
        (
            (*GRAPH, "tensors", 0, "quantization", "zeroPoint"), [300],
            "a zero point lies outside int8",
        ),
        (
            (*GRAPH, "tensors", 0, "quantization", "scale"), [1e30],
            "a conv2d has scales that are too far apart",
        ),
        ((*FIRST, "inputs"), [-1, 1, 2], "a layer CONV_2D has no input"),
        ((*GRAPH, "inputs"), [0, 0], "it must have one input and one output"),
        ((*GRAPH, "operators"), [], "it has no layer"),
    ],
)  # fmt: skip
def test_damage_is_named(place, value, message, int8_ends_file):
    damaged = cut(int8_ends_file, 99, edit=change(place, value))
    refused(f"`the model` can't be read as an 8-bit model: {message}", damaged)


def test_a_window_that_asks_for_terabytes(int8_ends_file):
    def edit(model):
        options = (operator.builtinOptions for operator in model.subgraphs[0].operators)
        pooling = next(some for some in options if hasattr(some, "filterHeight"))
        pooling.padding, pooling.filterHeight = 0, 2**30

    message = "a max_pool2d has a window of (1073741824, 2)"
    damaged = cut(int8_ends_file, 99, edit=edit)
    refused(f"`the model` can't be read as an 8-bit model: {message}", damaged)


def test_a_layer_that_is_not_known(int8_ends_file):
    code = change(("operatorCodes", 0, "builtinCode"), 28)  # TANH
    known = ", ".join(integer.reading.LAYERS)
    refused(
        f"`the model` can't be read as an 8-bit model: it has a layer TANH; known are {known}",
        cut(int8_ends_file, 99, edit=code),
    )


@pytest.fixture(scope="module")
def softmax_files(tf):
    """Give 300 inputs, and two files of a network that ends with a softmax: real and int8 ends."""
    keras = arrays.import_quietly("keras")
    keras.utils.set_random_seed(0)
    layers = keras.layers.Dense(8, activation="relu"), keras.layers.Dense(5, activation="softmax")
    content = litert_bytes(keras.Sequential([keras.Input((4,)), *layers]))
    X = np.random.default_rng(0).uniform(size=(300, 4)).astype("float32")
    options = {"to": "int8", "X": X[:100]}
    return X, *(post_training(content, real_ends=ends, **options) for ends in (True, False))


SOFTMAX = (
    "`the model` can't be read as an 8-bit model: it has a layer SOFTMAX, which has no whole "
    "numbers here; where it is the last one, leave it out (`without_softmax=True`, in a terminal "
    "`--without-softmax`) and take the largest logit"
)


def test_the_logits_before_a_softmax_are_those_of_litert(softmax_files, run_litert):
    X, *files = softmax_files
    for content, n_before, x in zip(files, (3, 2), (X, quantize(X, 1 / 255, -128)), strict=True):
        refused(SOFTMAX, content)
        model = integer.read(content, without_softmax=True)
        logits = model.predict(x)
        assert logits.dtype == np.int8
        np.testing.assert_array_equal(logits, run_litert(cut(content, n_before), x))
        p = np.asarray(run_litert(content, x))
        assert (p[np.arange(len(X)), logits.argmax(axis=1)] == p.max(axis=1)).all()
        assert len(set(logits.argmax(axis=1))) > 1


@pytest.mark.parametrize(
    ("n_layers", "place", "value"),
    [
        (2, ("operators", 0, "opcodeIndex"), 1),
        (3, ("operators", 2, "builtinOptions", "beta"), -1.0),
    ],
    ids=["before another layer", "upside down"],
)
def test_a_softmax_that_can_not_be_left_out(n_layers, place, value, softmax_files):
    damaged = cut(softmax_files[2], n_layers, edit=change((*GRAPH, *place), value))
    with pytest.raises(ModelError, match=f"^{re.escape(SOFTMAX)}$"):
        integer.read(damaged, without_softmax=True)


def test_without_a_softmax_nothing_is_left_out(int8_file, digit_images):
    X = digit_images["X_test"][:5]
    whole, same = integer.read(int8_file), integer.read(int8_file, without_softmax=True)
    np.testing.assert_array_equal(same.predict(X), whole.predict(X))


def test_inputs_of_another_size(model):
    message = "`X` must have 64 entries a sample, for (8, 8, 1), got (2, 63)"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        model.predict(np.zeros((2, 63)))


TENSORS = integer.Tensor((2,), "int8", 0.5, 1), integer.Tensor((1,), "int8", 0.5, 0)
ONE_LAYER = integer.IntegerModel(
    TENSORS,
    (
        integer.Step(
            "dense", (0,), 1, W=np.ones((2, 1), np.int8), b=np.zeros(1, np.int32),
            W_scale=np.ones(1, np.float32),
        ),
    ),
    0,
    1,
)  # fmt: skip


@pytest.mark.parametrize(
    ("error", "message", "X", "options"),
    [
        (ValueError, "`X` must have 2 entries a sample, for (2,), got (0, 2)", np.ones((0, 2)), {}),
        (
            ValueError,
            "`x` must hold numbers, got NaN, for which no whole number stands",
            np.full((1, 2), np.nan),
            {},
        ),
        (
            ValueError,
            "`rounding` must be one of 'float', 'double', 'single', got 'up'",
            np.ones((1, 2)),
            {"rounding": "up"},
        ),
    ],
)
def test_inputs_that_are_none(error, message, X, options):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        ONE_LAYER.predict(X, **options)
    with pytest.raises(TypeError, match=no_array([], "X")):
        ONE_LAYER.predict(X.tolist())
