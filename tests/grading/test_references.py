"""The solutions of assignments against programs of others: what is right is not decided by us."""

from typing import Annotated

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from litert_quantizer.algorithms.uniform_quantize import uniform_quantize_tensor
from pydantic import BaseModel, Field, ValidationError
from scipy.signal import correlate2d
from sklearn.preprocessing import StandardScaler

from deeplearn_utils import arrays
from deeplearn_utils.edge import integer
from deeplearn_utils.edge.compress import litert_bytes, post_training
from tests.grading.notebooks import solved
from tests.libraries import installed


@pytest.fixture(scope="module")
def deployment():
    return solved("05_deployment")


@pytest.fixture(scope="module")
def keras():
    return arrays.import_quietly("keras")


def test_a_prepared_batch_is_scikit_learns(deployment, rng):
    table = rng.normal(30, 9, size=(20, 3))
    scaler = StandardScaler().fit(table)
    records = [dict(zip(("c", "a", "b"), row.tolist(), strict=True)) for row in table]
    X = deployment["prepare"](records, ["b", "c", "a"], *(
        numbers[[2, 0, 1]] for numbers in (scaler.mean_, scaler.scale_)
    ))  # fmt: skip
    np.testing.assert_allclose(X, scaler.transform(table)[:, [2, 0, 1]])


@pytest.mark.parametrize("size", [(3, 3), (1, 5), (7, 3)])
def test_a_convolution_is_scipys(deployment, rng, size):
    x, kernel = rng.normal(size=(6, 7)), rng.normal(size=size)
    full = correlate2d(x, kernel)
    top, left = size[0] // 2, size[1] // 2
    same = full[top : top + 6, left : left + 7]
    np.testing.assert_allclose(deployment["convolve"](x, kernel, 0.7), same + 0.7)


def test_folded_layers_are_keras_two_layers(deployment, rng, keras):
    layers = keras.layers
    two = [layers.Conv2D(4, 3, dtype="float64"), layers.BatchNormalization(dtype="float64")]
    model = keras.Sequential([keras.Input((6, 6, 2), dtype="float64"), *two])
    W, b, shape = rng.normal(size=(3, 3, 2, 4)), rng.normal(size=4), (4,)
    gamma, beta, mean = rng.normal(size=(3, *shape))
    variance = rng.uniform(0.01, 1, size=shape)
    two[0].set_weights([W, b])
    two[1].set_weights([gamma, beta, mean, variance])
    x = rng.normal(size=(2, 6, 6, 2))
    wanted = model(x, training=False)
    numbers = deployment["fold"](W, b, gamma, beta, mean, variance, two[1].epsilon)
    two[0].set_weights(list(numbers))
    np.testing.assert_allclose(two[0](x), wanted, rtol=1e-6, atol=1e-9)


def test_a_parity_report_is_counted_one_by_one(deployment, rng):
    original = rng.normal(0, 3, size=(50, 4))
    found = original + rng.normal(0, 0.4, size=(50, 4))
    d, relative, flips, safe = deployment["parity"](found, original)
    assert d == np.linalg.norm((found - original).ravel(), np.inf)
    assert relative == d / np.linalg.norm(original.ravel(), np.inf)
    pairs = zip(found.tolist(), original.tolist(), strict=True)
    assert flips == sum(f.index(max(f)) != o.index(max(o)) for f, o in pairs)
    worst = [o - d * np.sign(o - o.max() + 1e-12) for o in original]  # the best down, others up
    assert safe == sum(np.argmax(w) == np.argmax(o) for w, o in zip(worst, original, strict=True))
    assert 0 < flips < 50
    assert 0 < safe < 50


@pytest.mark.parametrize("q", [1, 5, 50, 90, 95, 99, 100])
def test_a_percentile_is_numpys_without_interpolation(deployment, rng, q):
    for n in (1, 2, 7, 20, 100, 137):
        times = rng.exponential(size=n)
        wanted = np.percentile(times, q, method="inverted_cdf")
        assert deployment["percentile"](times, q) == wanted


def test_littles_law_gives_the_mean_number_that_was_counted(deployment, rng):
    start = rng.uniform(0, 50, size=200)
    end = start + rng.exponential(2, size=200)
    _, _, inside = deployment["bookkeeping"](start, end)
    clock = np.linspace(start.min(), end.max(), 200_001)
    counted = np.searchsorted(np.sort(start), clock) - np.searchsorted(np.sort(end), clock)
    assert inside == pytest.approx(counted.mean(), rel=1e-3)


def test_a_loaded_network_is_keras(deployment, rng, keras, tmp_path):
    layers = [keras.layers.Dense(6, "relu"), keras.layers.Dense(5, "relu"), keras.layers.Dense(3)]
    model = keras.Sequential([keras.Input((4,)), *layers])
    mean, scale = rng.normal(5, 2, size=4), rng.uniform(0.5, 3, size=4)
    X = rng.normal(5, 2, size=(9, 4))
    wanted = model.predict((X - mean) / scale, verbose=0)
    parts = {"mean": mean, "scale": scale, "classes": np.array(["a", "b", "c"])}
    for number, layer in enumerate(layers, 1):
        parts |= dict(zip((f"W{number}", f"b{number}"), layer.get_weights(), strict=True))
    np.savez(tmp_path / "model.npz", golden_inputs=X[:4], golden_outputs=wanted[:4], **parts)
    names, outputs = deployment["predict"](str(tmp_path / "model.npz"), X)
    np.testing.assert_allclose(outputs, wanted, rtol=1e-4, atol=1e-5)
    assert list(names) == ["abc"[place] for place in wanted.argmax(axis=1)]


def test_what_a_server_accepts_is_what_pydantic_accepts(deployment):
    number = Annotated[float, Field(ge=0, le=16, allow_inf_nan=False)]
    row = Annotated[list[number], Field(min_length=2, max_length=2)]

    class Body(BaseModel, strict=True):
        inputs: Annotated[list[row], Field(min_length=1)]

    values = ["0", "16", "16.0", "3.5", "-0.1", "16.01", "true", "null", '"3"', "[1]", "NaN", "1e3"]
    bodies = [f'{{"inputs": [[1, 2], [{v}, 3]]}}' for v in values]
    bodies += ["", "{", "5", "null", "[[1, 2]]", '{"input": [[1, 2]]}', '{"inputs": []}']
    bodies += [
        f'{{"inputs": {v}}}' for v in ("[1, 2]", "[[1]]", "[[1, 2, 3]]", "[[]]", "[[[1, 2]]]")
    ]
    for body in bodies:
        try:
            Body.model_validate_json(body)
            accepted = True
        except ValidationError:
            accepted = False
        status, X = deployment["validate"](body, 2, 0, 16)
        assert (status == 200) == accepted, body
        assert (X is not None) == accepted, body
    assert deployment["validate"]("{", 2, 0, 16) == (400, None)


@pytest.fixture(scope="module")
def edge():
    return solved("06_edge")


@pytest.fixture(scope="module")
def dense_network(keras):
    """Give a network of dense layers, its 8-bit file with whole ends, and that file taken apart."""
    rng = np.random.default_rng(0)
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(n, "relu", bias_initializer="normal") for n in (12, 9)]
    model = keras.Sequential([keras.Input((7,)), *layers, keras.layers.Dense(5)])
    X = rng.uniform(-1, 2, size=(200, 7)).astype("float32")
    content = post_training(litert_bytes(model), to="int8", X=X, real_ends=False)
    return model, content, integer.read(content)


def described(network):
    """Return the layers as the assignment describes them."""
    layers = []
    for step in network.steps:
        takes, gives = network.tensors[step.inputs[0]], network.tensors[step.output]
        layers.append({
            "W": step.W, "b": step.b, "scale_W": step.W_scale, "relu": step.low == gives.zero_point,
            "scale_x": float(takes.scale), "zero_x": int(takes.zero_point),
            "scale_y": float(gives.scale), "zero_y": int(gives.zero_point),
        })  # fmt: skip
    return layers


def whole_inputs(n):
    return np.random.default_rng(1).integers(-128, 128, size=(n, 7)).astype(np.int8)


@pytest.mark.parametrize(("low", "high"), [(-1.0, 3.0), (0.0, 2.5), (0.5, 4.0), (-3.0, -1.0)])
def test_scale_and_zero_point_are_litert_quantizers(edge, low, high):
    zero_point, scale = uniform_quantize_tensor.tensor_zp_scale_from_min_max(
        np.array([[low]], "float32"), np.array([[high]], "float32"), 8, False,
        uniform_quantize_tensor.qtyping.QuantGranularity.TENSORWISE,
    )  # fmt: skip
    found = edge["scale_and_zero_point"](low, high)
    assert found == (pytest.approx(scale.item(), rel=1e-6), zero_point.item())


def test_a_layers_numbers_are_those_in_litert_quantizers_file(edge, dense_network):
    model, _, network = dense_network
    for layer, step in zip(model.layers, network.steps, strict=True):
        W, b = (np.asarray(numbers, "float64") for numbers in layer.get_weights())
        found = edge["prepare"](W, b, float(network.tensors[step.inputs[0]].scale))
        np.testing.assert_array_equal(found[0], step.W)
        np.testing.assert_allclose(found[1], step.W_scale, rtol=1e-6)
        assert np.abs(found[2] - step.b).max() <= 1  # theirs are rounded from float32


def test_an_8_bit_network_is_litert_integer_for_integer(edge, dense_network):
    _, content, network = dense_network
    interpreter = Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    (takes,), (gives,) = interpreter.get_input_details(), interpreter.get_output_details()
    q = whole_inputs(300)
    for row, ours in zip(q, edge["run"](q, described(network)), strict=True):
        interpreter.set_tensor(takes["index"], row[None])
        interpreter.invoke()
        np.testing.assert_array_equal(interpreter.get_tensor(gives["index"])[0], ours)


@pytest.mark.skipif(
    not installed("tflite_micro"), reason="tflite-micro has packages for Linux on x86-64 only"
)
def test_rounding_twice_is_tflite_micro_integer_for_integer(edge, dense_network):
    from tflite_micro.python.tflite_micro import runtime

    _, content, network = dense_network
    q = x = whole_inputs(300)
    for layer in described(network):
        sums = (x.astype(np.int32) - layer["zero_x"]) @ layer["W"].astype(np.int32) + layer["b"]
        M = np.float64(layer["scale_x"]) * layer["scale_W"].astype(float) / layer["scale_y"]
        columns = [edge["requantize"](sums[:, j], M[j])[2] for j in range(len(M))]
        x = np.clip(np.stack(columns, axis=1) + layer["zero_y"], -128, 127).astype(np.int8)
    interpreter = runtime.Interpreter.from_bytes(content)
    for row, wanted in zip(q, x, strict=True):
        interpreter.set_input(row[None], 0)
        interpreter.invoke()
        np.testing.assert_array_equal(interpreter.get_output(0)[0], wanted)


def test_whole_numbers_are_tensorflows(edge, rng):
    tf = arrays.import_quietly("tensorflow")
    x = rng.normal(0, 5, size=60).astype("float32")
    scale, zero_point = 0.0625, 13
    theirs = tf.quantization.fake_quant_with_min_max_args(
        x, min=scale * (-128 - zero_point), max=scale * (127 - zero_point)
    )
    found = edge["dequantize"](edge["quantize"](x, scale, zero_point), scale, zero_point)
    np.testing.assert_allclose(found, theirs, atol=1e-6)


def test_distillation_is_keras_two_losses(edge, rng, keras):
    student, teacher = rng.normal(0, 3, size=(2, 20, 6))
    y, T, hard = rng.integers(0, 6, size=20), 3.5, 0.3
    targets = keras.ops.softmax(teacher / T)
    losses = keras.losses
    soft = losses.categorical_crossentropy(targets, student / T, from_logits=True)
    known = losses.sparse_categorical_crossentropy(y, student, from_logits=True)
    wanted = np.mean(hard * np.asarray(known) + (1 - hard) * T**2 * np.asarray(soft))
    assert edge["distillation_loss"](student, teacher, y, T, hard) == pytest.approx(
        wanted, rel=1e-5
    )


def test_what_pruning_leaves_lies_above_numpys_partition(edge, rng):
    W = [rng.normal(size=(7, 5)), 0.2 * rng.normal(size=(5, 4)), rng.normal(size=(4, 2))]
    flat = np.abs(np.concatenate([w.ravel() for w in W]))
    limit = np.partition(flat, 44)[44]
    for left, w in zip(edge["prune"](W, 0.7), W, strict=True):
        np.testing.assert_array_equal(left, np.where(np.abs(w) >= limit, w, 0))
    kept = [w.round().astype(np.int8) for w in W]
    bits = np.concatenate([w.ravel() != 0 for w in kept])
    sizes = edge["sizes"](kept)
    assert tuple(sizes) == (63, np.packbits(bits).nbytes + bits.sum(), 3 * bits.sum())
