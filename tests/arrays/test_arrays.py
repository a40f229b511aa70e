"""Libraries, namespaces, devices, and moving arrays between them."""

import logging
import sys

import numpy as np
import pytest

from deeplearn_utils import arrays
from tests.libraries import LIBRARIES, TENSORFLOW, installed
from tests.wrong_inputs import no_array, whole

VALUES = np.array([[1.5, -2.0, 0.0], [3.0, np.inf, 7.0]])


class TestLibrary:
    def test_every_library_is_known(self, lib):
        x = lib.array(VALUES)
        assert arrays.library(x) == lib.name
        assert arrays.library(x[0, 0]) == lib.name
        assert arrays.library(arrays.namespace(x).sum(x)) == lib.name

    @pytest.mark.parametrize("x", [1, 2.0, True, np.float32(1.0), np.int64(3), np.bool_(True)])
    def test_numbers_count_as_numpy(self, x):
        assert arrays.library(x) == "numpy"

    def test_kinds_of_numpy_arrays(self, tmp_path):
        assert arrays.library(np.zeros(2).view(np.recarray)) == "numpy"
        on_disk = np.memmap(tmp_path / "x", dtype=float, mode="w+", shape=(2,))
        assert arrays.library(on_disk) == "numpy"

    def test_torch_parameters(self, torch):
        assert arrays.library(torch.nn.Parameter(torch.ones(2))) == "torch"

    @TENSORFLOW
    def test_tensorflow_variables(self, tf):
        x = tf.Variable([1.0, 2.0])
        assert arrays.library(x) == "tensorflow"
        np.testing.assert_array_equal(arrays.to_numpy(x), [1.0, 2.0])
        assert arrays.device(x) == "cpu" or tf.config.list_physical_devices("GPU")

    def test_a_tracer_is_jax(self, jax):
        seen = []
        jax.jit(lambda x: seen.append((arrays.library(x), arrays.has_values(x))) or x)(1.0)
        assert seen == [("jax", False)]

    @pytest.mark.parametrize(
        "x",
        [
            *([1.0], (1.0,), None, "text", {}, 1j, object(), range(3), memoryview(b"ab")),
            np.ma.masked_array([1.0]),
            np.ones((1, 1)).view(np.matrix),
        ],
        ids=lambda x: type(x).__name__,
    )
    def test_what_is_no_array(self, x):
        with pytest.raises(TypeError, match=no_array(x)):
            arrays.library(x)

    def test_a_class_of_the_same_name_elsewhere(self):
        class Tensor:
            pass

        Tensor.__module__ = "torchlike.core"
        Tensor.__qualname__ = "Tensor"
        with pytest.raises(TypeError, match=no_array(Tensor())):
            arrays.library(Tensor())


class TestNamespace:
    def test_numpy_is_numpy_itself(self):
        assert arrays.namespace(np.ones(2)) is np
        assert arrays.namespace(np.ones(2), np.float32(1.0), 3) is np
        assert arrays.namespace(1.0) is arrays.namespace() is np

    def test_numbers_go_with_every_library(self, lib):
        x = lib.array(VALUES)
        assert arrays.namespace(x) is arrays.namespace(1, x, 2.0) is arrays.namespace(x, x)

    def test_a_mix_is_refused(self, lib):
        foreign = lib.foreign_array(VALUES)
        names = ", ".join(sorted((arrays.library(foreign), lib.name)))
        message = (
            f"arrays of different libraries can't be mixed, got {names}; "
            "move one of them with arrays.asarray(x, like=other)"
        )
        with pytest.raises(TypeError, match=whole(message)):
            arrays.namespace(foreign, lib.array(VALUES))

    def test_the_names_that_kernels_use(self, lib):
        x = lib.array([[1.0, 4.0], [9.0, 0.25]])
        xp = arrays.namespace(x)
        n = arrays.to_numpy(x)
        one = {
            **{name: getattr(np, name) for name in ("abs", "exp", "expm1", "log", "log1p", "sign")},
            **{name: getattr(np, name) for name in ("sqrt", "square", "tanh", "isfinite")},
            **{name: getattr(np, name) for name in ("zeros_like", "matrix_transpose")},
            **{name: getattr(np, name) for name in ("sum", "mean", "max")},
        }
        for name, function in one.items():
            ours = getattr(xp, name)(x)
            assert arrays.library(ours) == lib.name
            np.testing.assert_allclose(arrays.to_numpy(ours), function(n), rtol=1e-14)
        for name in ("sum", "mean", "max"):
            ours = getattr(xp, name)(x, axis=1, keepdims=True)
            right = getattr(np, name)(n, axis=1, keepdims=True)
            np.testing.assert_allclose(arrays.to_numpy(ours), right, rtol=1e-14)
        two = {"maximum": np.maximum, "minimum": np.minimum, "matmul": np.matmul}
        for name, function in two.items():
            ours = getattr(xp, name)(x, x - 1.0)
            np.testing.assert_allclose(arrays.to_numpy(ours), function(n, n - 1.0))
        np.testing.assert_array_equal(arrays.to_numpy(xp.maximum(x, 2.0)), np.maximum(n, 2.0))
        np.testing.assert_array_equal(
            arrays.to_numpy(xp.where(x > 2.0, x, 0.1)), np.where(n > 2, n, 0.1)
        )
        np.testing.assert_array_equal(
            arrays.to_numpy(xp.where(x > 2.0, 0.1, x)), np.where(n > 2, 0.1, n)
        )
        np.testing.assert_array_equal(arrays.to_numpy(xp.argmax(x, axis=1)), [1, 0])
        np.testing.assert_array_equal(arrays.to_numpy(xp.reshape(x, (4,))), n.reshape(4))
        joined = xp.concat([x, x])
        np.testing.assert_array_equal(arrays.to_numpy(joined), np.concat([n, n]))
        rows = xp.take(x, lib.array([1, 0, 1]), axis=0)
        np.testing.assert_array_equal(arrays.to_numpy(rows), n[[1, 0, 1]])
        single = xp.astype(x, xp.float32)
        assert single.dtype == xp.float32
        assert xp.isdtype(x.dtype, "real floating")
        assert not xp.isdtype(x.dtype, "integral")
        assert xp.isdtype((x > 1.0).dtype, "bool")


class TestConversion:
    @pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "int64", "uint8", "bool"])
    def test_there_and_back(self, lib, dtype):
        values = np.array([[0, 1, 2], [3, 4, 5]]).astype(dtype)
        x = lib.array(values)
        back = arrays.to_numpy(x)
        assert type(back) is np.ndarray
        assert back.dtype == values.dtype
        np.testing.assert_array_equal(back, values)
        again = arrays.asarray(values, like=lib.array([1.0]))
        assert lib.holds(again, like=x)

    @TENSORFLOW
    @pytest.mark.usefixtures("jax", "tf")
    @pytest.mark.parametrize(
        "other", [n for n, source in LIBRARIES.items() if installed(source.name)]
    )
    def test_from_every_library_to_every_other(self, lib, other):
        self.move(LIBRARIES[other], lib)

    def move(self, source, target):
        x, like = source.array(VALUES), target.array([1.0])
        moved = arrays.asarray(x, like=like)
        assert target.holds(moved, like=target.array(VALUES))
        np.testing.assert_array_equal(arrays.to_numpy(moved), VALUES)

    def test_what_is_in_place_already_is_not_copied(self, lib):
        x = lib.array(VALUES)
        assert arrays.asarray(x, like=lib.array([1])) is x

    def test_dtype_of_the_result(self, lib):
        x = lib.array(VALUES, np.float32)
        for values in (lib.array(VALUES), VALUES, VALUES.tolist()):
            assert lib.holds(arrays.asarray(values, like=x, dtype=x.dtype), like=x)

    def test_no_alias_of_numpy_memory(self, lib):
        values = VALUES.copy()
        values.setflags(write=False)
        x = arrays.asarray(values, like=lib.array([1.0]))
        if lib.name == "torch":
            x += 1.0
        assert values[0, 0] == 1.5

    @pytest.mark.parametrize(
        "change",
        [lambda x: x[::-1], lambda x: x[:, ::2], np.asfortranarray, lambda x: x.astype(">f8")],
    )
    def test_any_memory_order(self, lib, change):
        moved = arrays.asarray(change(VALUES), like=lib.array([1.0]))
        np.testing.assert_array_equal(arrays.to_numpy(moved), change(VALUES))

    def test_numbers_and_lists(self, lib):
        like = lib.array([1.0])
        for value in (2.5, np.float64(2.5)):
            assert float(arrays.asarray(value, like=like)) == 2.5
        assert arrays.to_numpy(arrays.asarray([[1, 2], [3, 4]], like=like)).tolist() == [
            [1, 2],
            [3, 4],
        ]

    @pytest.mark.parametrize("dtype", ["bfloat16", "float8_e4m3fn"])
    def test_pytorch_numbers_that_numpy_does_not_have(self, torch, dtype):
        x = torch.tensor([0.5, -2.0]).to(getattr(torch, dtype))
        back = arrays.to_numpy(x)
        assert back.dtype == np.float32
        assert back.tolist() == [0.5, -2.0]

    @pytest.mark.parametrize(("dtype", "wider"), [("bfloat16", "float32"), ("int4", "int64")])
    def test_jax_numbers_that_numpy_does_not_have(self, jax, dtype, wider):
        x = jax.numpy.asarray([1, -2]).astype(dtype)
        back = arrays.to_numpy(x)
        assert back.dtype == wider
        assert back.tolist() == [1, -2]
        assert arrays.asarray(x, like=jax.numpy.zeros(1)).dtype == x.dtype

    def test_records_are_no_numbers(self):
        x = np.array([(1, 2.0)], [("a", int), ("b", float)])
        assert arrays.to_numpy(x) is x

    def test_rows(self, lib):
        ours = arrays.rows(lib.array(VALUES), np.array([1, 0, 1]))
        assert lib.holds(ours, like=lib.array(VALUES))
        np.testing.assert_array_equal(arrays.to_numpy(ours), VALUES[[1, 0, 1]])

    @pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "uint32", "int64", "uint64"])
    def test_numbers_of_rows_and_rows_of_any_integer_type(self, lib, dtype):
        x, which = np.arange(256) % 100, np.array([2, 0, 99], dtype)
        for given in (which, lib.array(which), which.tolist()):
            rows = arrays.rows(lib.array(x, dtype), given)
            assert lib.holds(rows, like=lib.array(x, dtype))
            assert arrays.to_numpy(rows).tolist() == [2, 0, 99]

    def test_rows_from_the_end_and_none(self, lib):
        assert arrays.to_numpy(arrays.rows(lib.array([1, 2, 3]), [-1, 0])).tolist() == [3, 1]
        assert arrays.to_numpy(arrays.rows(lib.array([1, 2, 3]), [])).tolist() == []

    @pytest.mark.parametrize(
        ("which", "error", "message"),
        [
            ([0, 3], IndexError, "numbers of rows below 3, got 3"),
            ([-4], IndexError, "numbers of rows below 3, got -4"),
            ([1.0], TypeError, "the numbers of rows, got float64"),
            (
                [True, False, True],
                TypeError,
                "the numbers of rows, got bool; try np.flatnonzero(which)",
            ),
        ],
    )
    def test_rows_that_are_not_there(self, lib, which, error, message):
        for given in (which, np.array(which)):
            with pytest.raises(error, match=whole(f"`which` must hold {message}")):
                arrays.rows(lib.array([1.0, 2.0, 3.0]), given)

    @pytest.mark.parametrize("x", [["a"], np.array([None]), np.array(["2020"], "M8[D]")])
    def test_what_holds_no_numbers_goes_to_no_library(self, other_lib, x):
        message = f"`x` must hold numbers, got {np.asarray(x).dtype}"
        with pytest.raises(TypeError, match=whole(message)):
            arrays.asarray(x, like=other_lib.array([1.0]))

    def test_lists_are_equally_long(self, lib):
        message = "`x` must be an array, or nested lists of numbers, equally long"
        with pytest.raises(ValueError, match=whole(message)):
            arrays.asarray([[1], [2, 3]], like=lib.array([1.0]))

    def test_jax_cuts_no_whole_number_off(self):
        jnp = pytest.importorskip("jax.numpy")
        like = jnp.zeros(1)
        for x in ([2**32 + 1], np.array([-(2**40)]), np.array([2**33], np.uint64)):
            kind = "uint32" if getattr(x, "dtype", None) == np.uint64 else "int32"
            message = (
                f"`x` must hold whole numbers that {kind} can hold, got {x[0]}; "
                'jax.config.update("jax_enable_x64", True) lets JAX hold wider ones'
            )
            with pytest.raises(ValueError, match=whole(message)):
                arrays.asarray(x, like=like)
        assert arrays.asarray([2**31 - 1], like=like).tolist() == [2**31 - 1]

    def test_arange(self, lib):
        like = lib.array([1.0], np.float32)
        x = arrays.arange(4, like=like)
        assert lib.holds(x, like=like)
        assert arrays.to_numpy(x).tolist() == [0.0, 1.0, 2.0, 3.0]

    def test_gradients_survive(self, torch):
        x = torch.ones(2, requires_grad=True)
        moved = arrays.asarray(x, like=torch.zeros(1), dtype=torch.float64)
        moved.sum().backward()
        assert x.grad.tolist() == [1.0, 1.0]
        np.testing.assert_array_equal(arrays.to_numpy(x), [1.0, 1.0])


class TestDevices:
    def test_the_cpu_is_named(self, lib):
        x = lib.array(VALUES)
        if lib.name in ("numpy", "array_api_strict"):
            assert arrays.device(x) == "cpu"
        assert arrays.device(x) in ("cpu", "gpu")
        assert arrays.device(arrays.to_device(x, "cpu")) == "cpu"

    def test_to_the_gpu_or_a_clear_word(self, lib, caplog):
        x = lib.array(VALUES)
        with caplog.at_level(logging.WARNING):
            moved = arrays.to_device(x, "gpu")
        if arrays.device(moved) == "gpu":
            np.testing.assert_array_equal(arrays.to_numpy(moved), VALUES)
            np.testing.assert_array_equal(arrays.to_numpy(arrays.to_device(moved, "cpu")), VALUES)
        else:
            assert moved is x
            assert f"no GPU for {lib.name} on this machine: the array stays" in caplog.text

    @pytest.mark.parametrize("wrong", ["cuda", "CPU", None, 0])
    def test_other_names(self, wrong):
        message = f'`device_name` must be "cpu" or "gpu", got {wrong!r}'
        with pytest.raises(ValueError, match=whole(message)):
            arrays.to_device(np.ones(1), wrong)

    def test_what_is_no_array(self):
        for function in (arrays.device, arrays.to_numpy, lambda x: arrays.to_device(x, "gpu")):
            with pytest.raises(TypeError, match=no_array([1.0])):
                function([1.0])

    @TENSORFLOW
    def test_available(self, tf):
        found = arrays.available()
        assert found[0] == ("numpy", "cpu", np.__version__)
        assert [d.library for d in found] == sorted(
            (d.library for d in found), key=["numpy", "cupy", "torch", "jax", "tensorflow"].index
        )
        assert {d.device for d in found} <= {"cpu", "gpu"}
        assert ("tensorflow", "cpu", tf.__version__) in found


class TestHasValues:
    def test_outside_of_a_compiler(self, lib):
        assert arrays.has_values(lib.array(VALUES))

    def test_inside_of_torch_func(self, torch):
        seen = []
        torch.func.grad(lambda x: seen.append(arrays.has_values(x)) or x.sum())(torch.ones(2))
        torch.func.vmap(lambda x: seen.append(arrays.has_values(x)) or x)(torch.ones(2))
        assert seen == [False, False]

    @TENSORFLOW
    def test_inside_of_tf_function(self, tf):
        seen = []
        tf.function(lambda x: seen.append(arrays.has_values(x)) or x)(tf.ones(2))
        assert seen == [False]


class TestImportQuietly:
    def test_what_a_module_writes_at_import_is_not_seen(self, tmp_path, monkeypatch, capfd):
        (tmp_path / "noisy_module.py").write_text("import os\nos.write(2, b'noise')\nX = 1\n")
        monkeypatch.syspath_prepend(tmp_path)
        assert arrays.import_quietly("noisy_module").X == 1
        assert "noise" not in capfd.readouterr().err
        sys.stderr.write("after")
        assert "after" in capfd.readouterr().err
        del sys.modules["noisy_module"]

    def test_stderr_comes_back_after_a_failure(self, capfd):
        with pytest.raises(ModuleNotFoundError):
            arrays.import_quietly("no_such_module")
        sys.stderr.write("after")
        assert "after" in capfd.readouterr().err
