"""Packing: the round trip in Python, and the same numbers out of the browser's code."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from deeplearn_utils.explorers import packing
from deeplearn_utils.explorers.packing import decode, encode, pack, script
from tests.explorers.gallery import GalleryExplorer

SOURCES = Path(packing.__file__).parent / "javascript" / "src"
NUMBERS = st.one_of(st.floats(-1e6, 1e6), st.just(float("nan")))
STACKS = arrays("float64", array_shapes(min_dims=1, max_dims=3, max_side=6), elements=NUMBERS)


@given(STACKS)
def test_unpacked_values_are_within_half_a_step(stack):
    packed = json.loads(json.dumps(encode(stack)))
    unpacked = decode(packed)
    assert unpacked.shape == stack.shape
    tolerance = packed["step"] / 2 + 1e-9
    np.testing.assert_allclose(unpacked, stack, rtol=0, atol=tolerance)
    span = np.ptp(stack[np.isfinite(stack)]) if np.isfinite(stack).any() else 0.0
    assert span == 0 or packed["step"] <= span / 65_000


def test_a_constant_is_packed_exactly():
    np.testing.assert_array_equal(decode(encode(np.full((3, 2), 0.1))), np.full((3, 2), 0.1))


def test_an_infinite_value_is_refused():
    with pytest.raises(ValueError, match="finite"):
        encode(np.array([1.0, np.inf]))


def test_too_many_settings_are_refused(monkeypatch):
    monkeypatch.setattr(packing, "MOST_SETTINGS", 5)
    with pytest.raises(ValueError, match="`gallery` has 6 settings, more than 5; give its sliders"):
        pack(GalleryExplorer())


def test_packing_twice_gives_the_same_bytes():
    assert script(GalleryExplorer()) == script(GalleryExplorer())
    assert script(GalleryExplorer()).startswith('deeplearnExplorers.add({"name":"gallery"')


def test_an_array_is_kept_once_for_each_setting_it_depends_on():
    packed = pack(GalleryExplorer())["arrays"]
    assert decode(packed["x"]).shape == (1, 9)
    assert decode(packed["lines"]).shape == (3, 2, 9)
    assert decode(packed["lower"]).shape == (6, 9)


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_the_browsers_code_unpacks_the_same_numbers():
    packed = pack(GalleryExplorer())
    program = """
        const { at, settingOf, unpack } = await import(process.argv[1]);
        const packed = JSON.parse(require("fs").readFileSync(0, "utf8"));
        const out = [];
        for (let size = 0; size < 3; size++) for (let kind = 0; kind < 2; kind++) {
            const frame = {};
            for (const [name, array] of Object.entries(packed.arrays)) {
                const setting = settingOf(array.controls, packed.controls, { size, kind });
                const { shape, data } = at(await unpack(array), setting);
                frame[name] = { shape, data: Array.from(data, x => Number.isNaN(x) ? null : x) };
            }
            out.push(frame);
        }
        process.stdout.write(JSON.stringify(out));
    """
    done = subprocess.run(
        ["node", "-e", f"(async () => {{{program}}})()", (SOURCES / "unpack.js").as_uri()],
        input=json.dumps(packed),
        capture_output=True,
        text=True,
        check=True,
    )
    panel = GalleryExplorer()
    for values, frame in zip(panel.settings(), json.loads(done.stdout), strict=True):
        for name, array in panel.frame(**values).arrays.items():
            unpacked = np.array(frame[name]["data"], dtype=float).reshape(frame[name]["shape"])
            step = packed["arrays"][name]["step"]
            np.testing.assert_allclose(unpacked, array, rtol=0, atol=0.51 * step)
