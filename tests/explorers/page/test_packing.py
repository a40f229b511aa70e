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

from deeplearn_utils.explorers.page import packing
from deeplearn_utils.explorers.page.packing import (
    WIDE,
    decode,
    deflate,
    encode,
    inflate,
    pack,
    script,
)
from tests.explorers.gallery import GalleryExplorer
from tests.explorers.unpacked import assert_unpacked
from tests.wrong_inputs import whole

SOURCES = Path(packing.__file__).parents[1] / "javascript" / "src"
NUMBERS = st.one_of(st.floats(-1e6, 1e6, allow_subnormal=False), st.just(float("nan")))
STACKS = arrays("float64", array_shapes(min_dims=1, max_dims=3, max_side=6), elements=NUMBERS)


@given(STACKS)
def test_unpacked_values_are_within_half_a_step(stack):
    packed = json.loads(json.dumps(encode(stack)))
    unpacked = decode(packed)
    assert unpacked.shape == stack.shape
    assert_unpacked(unpacked, stack, packed)
    span = np.ptp(stack[np.isfinite(stack)]) if np.isfinite(stack).any() else 0.0
    assert packed["log"] or span == 0 or packed["step"] <= span / 65_000


def test_positive_numbers_of_many_sizes_keep_their_digits():
    stack = np.array([[1e-60, 3e-20], [np.nan, 7e20]])
    packed = encode(stack)
    assert packed["log"]
    np.testing.assert_allclose(decode(packed), stack, rtol=2e-3)


@pytest.mark.parametrize("least", [0.0, -1.0, 1.0 / WIDE, np.nan])
def test_other_numbers_are_packed_as_they_are(least):
    assert not encode(np.array([least, 1.0]))["log"]


def test_texts_come_back_as_they_were():
    text = "a − b = ½, again and again. " * 20
    assert inflate(deflate(text.encode())).decode() == text
    assert len(deflate(text.encode())) < len(text) / 4


def test_a_constant_is_packed_exactly():
    np.testing.assert_array_equal(decode(encode(np.full((3, 2), 0.1))), np.full((3, 2), 0.1))


def test_an_infinite_value_is_refused():
    message = "`stack` must be finite, or NaN where there is a gap; it has infinities"
    with pytest.raises(ValueError, match=whole(message)):
        encode(np.array([1.0, np.inf]))


def test_too_many_settings_are_refused(monkeypatch):
    monkeypatch.setattr(packing, "MOST_SETTINGS", 5)
    message = "`gallery` has 6 settings, more than 5; give its sliders fewer stops"
    with pytest.raises(ValueError, match=whole(message)):
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
        const { at, settingOf, unpack, unpackTexts } = await import(process.argv[1]);
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
        const texts = await unpackTexts(packed.texts);
        process.stdout.write(JSON.stringify([texts, out]));
    """
    done = subprocess.run(
        ["node", "-e", f"(async () => {{{program}}})()", (SOURCES / "unpack.js").as_uri()],
        input=json.dumps(packed),
        capture_output=True,
        text=True,
        check=True,
    )
    panel = GalleryExplorer()
    texts, unpacked_frames = json.loads(done.stdout)
    assert texts == [panel.frame(**values).text for values in panel.settings()]
    for values, frame in zip(panel.settings(), unpacked_frames, strict=True):
        for name, array in panel.frame(**values).arrays.items():
            unpacked = np.array(frame[name]["data"], dtype=float).reshape(frame[name]["shape"])
            assert_unpacked(unpacked, array, packed["arrays"][name])
