"""An 8-bit model as one C file: its layers, its numbers, and a function that calls them in turn."""

import re
from collections.abc import Iterable
from importlib.resources import files

import numpy as np

from ...checks import choice
from ...kernels.quantize import ROUNDINGS, fixed_point, sum_factors, sum_multipliers
from ...kernels.sliding import slide
from ..integer import IntegerModel, Step, plan

__all__ = ["export_c"]

WIDTH = 100
CALLS = ("dense", "conv2d", "depthwise_conv2d", "max_pool2d", "average_pool2d", "add")
ROUNDS = {
    "float": {"float"},
    "double": {"scaled", "clipped", "one_by_one"},
    "single": {"scaled_once", "clipped", "one_by_one"},
}
ADDS = ("scaled", "add_whole")
WINDOWS = ("conv2d", "depthwise_conv2d", "max_pool2d", "average_pool2d")


def export_c(
    model: IntegerModel,
    name: str = "model",
    *,
    rounding: str = "double",
    main: bool = False,
) -> tuple[str, str]:
    """Return a C99 file that computes an 8-bit model, and its header.

    Nothing is allocated, and no library is called. Compile it with -O3 for a processor with a
    vector unit, and with -Os for one without. The file declares

    - ``void NAME_run(const int8_t *input, int8_t *output)``, not to be called by two threads at a
      time, since all activations lie in one static block, and the inputs of one output, 16 bits
      each, in another;
    - ``NAME_INPUTS``, ``NAME_OUTPUTS`` (how many numbers), and a scale and a zero point for both
      ends: ``NAME_INPUT_SCALE``, ``NAME_INPUT_ZERO_POINT``, ``NAME_OUTPUT_SCALE`` and
      ``NAME_OUTPUT_ZERO_POINT``.

    Parameters
    ----------
    model : IntegerModel
        Ends that change the type are left out: the program takes and gives int8.
    name : str
        What the names in the program start with.
    rounding : {"float", "double", "single"}
        As in `kernels.quantize.requantize`. "float" is LiteRT's, bit for bit, and multiplies in
        float32; "double" is tflite-micro's, and no floating-point number occurs in the program.
    main : bool
        Whether a ``main`` is added that reads inputs from the standard input, as bytes, and writes
        the outputs.

    Returns
    -------
    source, header : str

    Raises
    ------
    ValueError
        When the name is no name in C, the rounding has another name, or the model has a layer that
        the program does not know.

    Notes
    -----
    A convolution copies the inputs of one place into a row and multiplies it with the weights of
    each output. Source: Lai, Suda and Chandra, "CMSIS-NN: efficient neural network kernels for Arm
    Cortex-M CPUs" (2018).
    """
    choice("rounding", rounding, ROUNDINGS)
    if not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
        raise ValueError(f"`name` must be a name in C, of letters, digits and _, got {name!r}")
    model = model.core()
    unknown = {step.kind for step in model.steps} - {*CALLS, "reshape"}
    if unknown:
        raise ValueError(f"`model` must have layers among {', '.join(CALLS)}, got {min(unknown)}")
    offsets, n_bytes = plan(model)
    where = _places(model, offsets)
    tables, calls = [], []
    for n, step in enumerate(model.steps):
        if step.kind == "reshape":
            if where[step.output] != where[step.inputs[0]]:
                n_entries = int(np.prod(model.tensors[step.output].shape, dtype=int))
                source, target = where[step.inputs[0]], where[step.output]
                calls.append(
                    f"for (int i = 0; i < {n_entries}; i++) ({target})[i] = ({source})[i];"
                )
            continue
        tables += _tables(model, n, step, rounding)
        arguments = [f"&l{n}", *(where[at] for at in (*step.inputs, step.output))]
        arguments += [f"w{n}", f"b{n}", f"f{n}"] if step.W is not None else []
        if step.kind == "add":
            arguments.append(str(model.tensors[step.inputs[1]].zero_point))
            whole = map(str, sum_factors(model.scales(step)))
            arguments += whole if rounding == "float" else [f"f{n}"]
        calls.append(f"{step.kind}({', '.join(arguments)});")
    block = [f"static int8_t arena[{n_bytes}];"] if n_bytes else []
    parts = [
        f"/* Made by deeplearn_utils.edge.export_c: rounding {rounding}. */",
        f'#include "{name}.h"',
        *_engine(model, rounding),
        "/* The model. */\n",
        *tables,
        *block,
        f"void {name}_run(const int8_t *input, int8_t *output) {{",
        *(f"  {call}" for call in calls),
        "}",
        *(_main(name) if main else []),
    ]
    return "\n".join(parts) + "\n", _header(model, name)


def _engine(model: IntegerModel, rounding: str) -> list[str]:
    """Return the parts of the engine that a model needs, in the order of the file."""
    needed = {step.kind for step in model.steps}
    whole = (files(__package__) / "engine.c").read_text("utf-8")
    head, *rest = re.split(r"/\*@(\w+)@\*/\n", whole)
    if needed.isdisjoint(WINDOWS):
        head = re.sub(r"#define AT.*\n", "", head)
    if rounding == "float":
        kind = "typedef float factor;"
    else:
        kind = "typedef struct { int32_t mantissa; int shift; } factor;"
    told = [head, kind]
    patch = [step.W[..., 0].size for step in model.steps if step.kind in ("dense", "conv2d")]
    if patch:
        needed.add("products")
        told.append(f"#define PATCH {max(patch)}")
    if any(step.W is not None for step in model.steps):
        needed |= ROUNDS[rounding]
    if rounding != "float":
        told.append(f"#define SCALED {'scaled' if rounding == 'double' else 'scaled_once'}")
    if "add" in needed:
        needed |= {"clipped", "add_float"} if rounding == "float" else {"clipped", *ADDS}
    parts = zip(rest[::2], rest[1::2], strict=True)
    return [*told, "", *(text for name, text in parts if name in needed)]


def _places(model: IntegerModel, offsets: dict[int, int]) -> dict[int, str]:
    """Return, for each activation, where it lies: in the block, or in the caller's memory."""
    found = {at: f"arena + {offset}" for at, offset in offsets.items()}
    for step in model.steps:
        source = step.inputs[0]
        if step.kind == "reshape" and source == model.input:
            found[step.output] = "input"
    found |= {model.input: "input", model.output: "output"}
    for step in reversed(model.steps):  # what is only reshaped to be the output lies there
        if (
            step.kind == "reshape"
            and found[step.output] == "output"
            and step.inputs[0] != model.input
        ):
            found[step.inputs[0]] = "output"
    return found


def _tables(model: IntegerModel, n: int, step: Step, rounding: str) -> list[str]:
    takes, gives = model.tensors[step.inputs[0]], model.tensors[step.output]
    numbers = [1, 1, int(np.prod(takes.shape, dtype=int))]
    numbers += [1, 1, int(np.prod(gives.shape, dtype=int)), 1, 1, 1, 1, 0, 0]
    if step.kind in WINDOWS:
        size = step.window if step.W is None else step.W.shape[:2]
        windows = slide(takes.shape[:2], tuple(size), step.stride, step.padding)
        numbers = [*takes.shape, *gives.shape, *size, *step.stride]
        numbers += [windows.rows.before, windows.columns.before]
    numbers += [takes.zero_point, gives.zero_point, step.low, step.high]
    tables = [f"static const layer l{n} = {{{', '.join(map(str, numbers))}}};"]
    if step.kind == "add" and rounding != "float":
        return [*tables, _table("factor", f"f{n}", _whole(sum_multipliers(model.scales(step))))]
    if step.W is None:
        return tables
    W = step.W if step.kind == "depthwise_conv2d" else np.moveaxis(step.W, -1, 0)
    multiplier = model.multiplier(step, rounding=rounding)
    if rounding == "float":
        factors = [f"{float(factor).hex()}f" for factor in multiplier]
    else:
        factors = _whole(multiplier)
    biases = [f"{value}" if value > -(2**31) else "-2147483647 - 1" for value in step.b.tolist()]
    return [
        *tables,
        _table("int8_t", f"w{n}", map(str, W.ravel().tolist())),
        _table("int32_t", f"b{n}", biases),
        _table("factor", f"f{n}", factors),
    ]


def _whole(multiplier: Iterable[float]) -> list[str]:
    """Return factors without floating point, as C writes them."""
    return [f"{{{m}, {s}}}" for m, s in zip(*fixed_point(multiplier), strict=True)]


def _table(kind: str, name: str, values: Iterable[str]) -> str:
    lines, line = [], " "
    values = list(values)
    for value in values:
        if len(line) + len(value) + 2 > WIDTH:
            lines.append(line)
            line = " "
        line += f" {value},"
    body = "\n".join([*lines, line])
    return f"static const {kind} {name}[{len(values)}] = {{\n{body}\n}};"


def _header(model: IntegerModel, name: str) -> str:
    upper = name.upper()
    lines = [f"#ifndef {upper}_H", f"#define {upper}_H", "", "#include <stdint.h>", ""]
    for end, at in (("INPUT", model.input), ("OUTPUT", model.output)):
        tensor = model.tensors[at]
        n_entries = int(np.prod(tensor.shape, dtype=int))
        scale = np.float32(tensor.scale)
        lines += [
            f"#define {upper}_{end}S {n_entries} /* {' x '.join(map(str, tensor.shape))} */",
            f"#define {upper}_{end}_SCALE {scale:.9g}f",
            f"#define {upper}_{end}_ZERO_POINT ({tensor.zero_point})",
        ]
    lines += ["", f"void {name}_run(const int8_t *input, int8_t *output);", "", "#endif", ""]
    return "\n".join(lines)


def _main(name: str) -> list[str]:
    upper = name.upper()
    return [
        "",
        "#include <stdio.h>",
        "",
        "int main(void) {",
        f"  static int8_t input[{upper}_INPUTS], output[{upper}_OUTPUTS];",
        "  while (fread(input, sizeof input, 1, stdin) == 1) {",
        f"    {name}_run(input, output);",
        "    if (fwrite(output, sizeof output, 1, stdout) != 1) return 1;",
        "  }",
        "  return 0;",
        "}",
    ]
