"""The C program: no warning, nothing for the sanitizers, and LiteRT's integers bit for bit."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from deeplearn_utils.edge import integer
from deeplearn_utils.edge.export_c import export_c
from deeplearn_utils.edge.integer import plan
from deeplearn_utils.kernels.quantize import ROUNDINGS, quantize
from tests.edge.export.random_models import branched_model, image_model, inputs
from tests.libraries import installed

COMPILER = shutil.which("cc")
need_compiler = pytest.mark.skipif(COMPILER is None, reason="there is no C compiler (cc) here")
need_micro = pytest.mark.skipif(
    not installed("tflite_micro"), reason="tflite-micro has packages for Linux on x86-64 only"
)
STRICT = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Werror"]
SANITIZERS = ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]


def written(folder, model, **options):
    source, header = export_c(model, "net", **options)
    (folder / "net.c").write_text(source)
    (folder / "net.h").write_text(header)
    return folder / "net.c"


def compiled(source, *flags, compiler=COMPILER):
    program = source.with_suffix(".out")
    command = [compiler, *STRICT, *flags, str(source), "-o", str(program)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return program


def outputs_of(program, X, *, through=()):
    done = subprocess.run([*through, str(program)], input=X.tobytes(), capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return np.frombuffer(done.stdout, np.int8)


@pytest.fixture(scope="module")
def model(int8_ends_file):
    return integer.read(int8_ends_file)


@pytest.fixture(scope="module")
def whole(model, digit_images):
    """Give the digits of the whole test set as the model takes them."""
    takes = model.tensors[model.input]
    return quantize(digit_images["X_test"], takes.scale, takes.zero_point)


@need_compiler
def test_float_rounding_is_litert_on_the_whole_test_set(
    model, whole, int8_ends_file, run_litert, tmp_path
):
    program = compiled(written(tmp_path, model, rounding="float", main=True), *SANITIZERS)
    expected = run_litert(int8_ends_file, whole)
    np.testing.assert_array_equal(outputs_of(program, whole).reshape(expected.shape), expected)


@need_compiler
@need_micro
def test_double_rounding_is_micro_on_the_whole_test_set(model, whole, int8_ends_file, tmp_path):
    from tflite_micro.python.tflite_micro import runtime

    interpreter = runtime.Interpreter.from_bytes(int8_ends_file)
    expected = []
    for x in whole:
        interpreter.set_input(x[None], 0)
        interpreter.invoke()
        expected.append(interpreter.get_output(0).copy())
    program = compiled(written(tmp_path, model, rounding="double", main=True), *SANITIZERS)
    np.testing.assert_array_equal(outputs_of(program, whole), np.ravel(expected))


@need_compiler
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("make", [image_model, branched_model])
@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_every_layer_is_the_kernels(rounding, make, seed, tmp_path):
    model = make(seed)
    X = inputs(model, 40)
    source = written(tmp_path, model, rounding=rounding, main=True)
    program = compiled(source, *SANITIZERS)
    expected = model.predict(X, rounding=rounding)
    assert len(np.unique(expected)) > 20
    np.testing.assert_array_equal(outputs_of(program, X).reshape(expected.shape), expected)


@pytest.mark.parametrize("rounding", ["double", "single"])
def test_no_floating_point_number_is_left(rounding, model, tmp_path):
    source = written(tmp_path, model, rounding=rounding)
    code = re.sub(r"/\*.*?\*/", "", source.read_text(), flags=re.DOTALL)
    assert not re.search(r"\bfloat\b|\bdouble\b|\d\.\d|\bmalloc\b", code)


def text_of(object_file, size):
    """Return how many bytes of machine code an object file has, without its constants."""
    table = subprocess.run([size, "-A", str(object_file)], capture_output=True, encoding="utf-8")
    sections = re.findall(r"^(\.text\S*)\s+(\d+)", table.stdout, re.MULTILINE)
    return sum(int(n) for _, n in sections)


@need_compiler
@pytest.mark.skipif(shutil.which("size") is None, reason="there are no binutils (size) here")
@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_the_program_without_the_model_is_small(rounding, model, tmp_path):
    source = written(tmp_path, model, rounding=rounding)
    target = source.with_suffix(".o")
    subprocess.run([COMPILER, "-std=c99", "-Os", "-c", str(source), "-o", str(target)], check=True)
    assert 0 < text_of(target, "size") < 9000


ARM = shutil.which("arm-none-eabi-gcc")


@pytest.mark.skipif(ARM is None, reason="Debian's gcc-arm-none-eabi is not installed")
def test_it_links_for_a_cortex_m(model, tmp_path):
    source = written(tmp_path, model, rounding="double")
    (tmp_path / "main.c").write_text(
        '#include "net.h"\nstatic int8_t x[NET_INPUTS], z[NET_OUTPUTS];\n'
        "int main(void) { net_run(x, z); return z[0]; }\n"
    )
    target = ["-mcpu=cortex-m0plus", "-mthumb", "-Os", "-ffreestanding", "-nostartfiles"]
    command = [ARM, *STRICT[:-1], *target, "-Wl,--entry=main", "-Wl,--gc-sections"]
    command += [
        str(source),
        str(tmp_path / "main.c"),
        "-nostdlib",
        "-lgcc",
        "-o",
        str(tmp_path / "m"),
    ]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert 0 < text_of(tmp_path / "m", "arm-none-eabi-size") < 9000


AARCH64, QEMU = shutil.which("aarch64-linux-gnu-gcc"), shutil.which("qemu-aarch64")
LIBC = Path("/usr/aarch64-linux-gnu/include/stdio.h")


@pytest.mark.skipif(
    AARCH64 is None or QEMU is None or not LIBC.exists(),
    reason="Debian's gcc-aarch64-linux-gnu, libc6-dev-arm64-cross or qemu-user is not installed",
)
@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_emulated_arm64_gives_the_same_integers(rounding, model, whole, tmp_path):
    source = written(tmp_path, model, rounding=rounding, main=True)
    program = compiled(source, "-O2", "-static", compiler=AARCH64)
    expected = model.predict(whole, rounding=rounding)
    found = outputs_of(program, whole, through=[QEMU])
    np.testing.assert_array_equal(found.reshape(expected.shape), expected)


def test_a_model_with_real_ends_is_exported_between_them(int8_file, int8_ends_file):
    sources = [export_c(integer.read(content), "net")[0] for content in (int8_file, int8_ends_file)]
    assert sources[0] == sources[1]


def test_the_header_says_what_the_numbers_stand_for(model):
    _, header = export_c(model, "net")
    found = dict(re.findall(r"#define (\w+) (\S+)", header))
    takes = model.tensors[model.input]
    assert found["NET_INPUTS"] == "64"
    assert np.float32(found["NET_INPUT_SCALE"].rstrip("f")) == np.float32(takes.scale)
    assert found["NET_INPUT_ZERO_POINT"] == f"({takes.zero_point})"


def test_wrong_arguments(model):
    message = "`name` must be a name in C, of letters, digits and _, got '2net'"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        export_c(model, "2net")
    tensors = (integer.Tensor((2,), "int8"),) * 2
    added = integer.IntegerModel(tensors, (integer.Step("softmax", (0,), 1),), 0, 1)
    message = (
        "`model` must have layers among dense, conv2d, depthwise_conv2d, max_pool2d, "
        "average_pool2d, add, got softmax"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        export_c(added, "net")


def test_activations_that_live_together_lie_apart():
    for seed in range(3):
        model = image_model(seed)
        offsets, n_bytes = plan(model)
        for step in model.steps:
            if step.kind != "reshape" and {step.inputs[0], step.output} <= set(offsets):
                ends = []
                for at in (step.inputs[0], step.output):
                    size = int(np.prod(model.tensors[at].shape))
                    ends.append((offsets[at], offsets[at] + size))
                    assert ends[-1][1] <= n_bytes
                (a, b), (c, d) = ends
                assert b <= c or d <= a
