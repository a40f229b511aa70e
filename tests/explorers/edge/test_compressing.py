"""The program that compresses: its files can be read back, and a short run writes what is read."""

import json

import numpy as np
import pytest

from deeplearn_utils.explorers.edge import compressing
from deeplearn_utils.explorers.edge.compressed import BITS, SPARSITIES, compressed, read

SHAPES = ((64, 64), (64, 32), (32, 10))


@pytest.fixture(scope="module")
def theta():
    """Give the first network as the stored file has it, up to the last digits of sums."""
    return compressing.trained(0, compressing.EPOCHS)


def opened(content, bits):
    """Read a file bit by bit: weights, scales, biases."""
    n_weights, units = sum(a * b for a, b in SHAPES), sum(b for _, b in SHAPES)
    tail = np.frombuffer(content[-4 * units :], "<f4")
    if bits >= 16:
        return np.frombuffer(content[: -4 * units], f"<f{bits // 8}"), tail
    scales = np.frombuffer(content[-8 * units : -4 * units], "<f4")
    number = int.from_bytes(content[: -8 * units], "little")
    every = [(number >> (bits * k)) & (2**bits - 1) for k in range(n_weights)]
    signed = np.array([q - 2**bits if q >= 2 ** (bits - 1) else q for q in every])
    parts, start, unit = [], 0, 0
    for rows, columns in SHAPES:
        part = signed[start : start + rows * columns].reshape(rows, columns)
        parts.append((part * scales[unit : unit + columns]).ravel())
        start, unit = start + rows * columns, unit + columns
    return np.concatenate(parts), tail


@pytest.mark.parametrize("bits", BITS)
def test_a_file_holds_the_network_that_was_scored(theta, bits):
    rounded, content = compressing.rounded(theta, bits)
    weights, biases = opened(content, bits)
    W, b = compressing.NETWORK.layout.unpack(rounded)
    np.testing.assert_allclose(weights, np.concatenate([w.ravel() for w in W]), rtol=1e-6)
    np.testing.assert_allclose(biases, np.concatenate(b), rtol=1e-6)
    original, _ = compressing.NETWORK.layout.unpack(theta)
    for layer, of in zip(W, original, strict=True):
        steps = 2 * np.abs(of).max(axis=0) / (2**bits - 2) if bits < 16 else np.abs(of) * 2e-3
        assert (np.abs(layer - of) <= 0.5001 * steps + 1e-7).all()
    assert len(content) == compressed().n_bytes[bits]


def test_stored_numbers_without_training_on_come_out_again(theta):
    found = compressed()
    for ranking in ("global", "layer"):
        for at, sparsity in enumerate(SPARSITIES):
            pruned = compressing.pruned(theta, sparsity, ranking, 0, 0)
            for bits in (32, 8, 3):
                rounded, content = compressing.rounded(pruned, bits)
                way = (ranking, "no", bits)
                assert compressing.right(rounded) == pytest.approx(found.right[way][0, at], abs=1.5)
                size = compressing.compressed_size(content)
                assert size == pytest.approx(found.n_compressed[way][0, at], rel=0.02)
    assert sum(compressing.histogram(theta)) == theta.size - 106


def test_weights_far_out_count_in_the_last_bins():
    theta = np.zeros(compressing.NETWORK.layout.size)
    theta[:3] = -9.0, 9.0, 0.01
    counts = compressing.histogram(theta)
    assert (counts[0], counts[-1], sum(counts)) == (1, 1, 3)


def test_a_short_run_writes_what_the_panel_reads(tmp_path, capsys):
    file = tmp_path / "compressed.json"
    compressing.main([str(file), "--seeds", "2", "--epochs", "1", "--tuning", "0"])
    text = file.read_text("utf-8")
    found = read(text)
    assert set(found.right) == set(compressed().right)
    assert found.n_bytes == compressed().n_bytes
    assert json.loads(text)["networks"] == 2
    assert len(text.splitlines()) < 150, "a table is a line"
    tuned, not_tuned = (found.right["global", tuned, 32] for tuned in ("yes", "no"))
    np.testing.assert_array_equal(tuned, not_tuned)  # 0 epochs
    told = capsys.readouterr().err.splitlines()
    assert told[-1] == "network 2 of 2: layer, tuned: no"
