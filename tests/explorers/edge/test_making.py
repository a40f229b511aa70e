"""The program that makes the network of the drawing panel: one epoch of it."""

import json

import numpy as np

from deeplearn_utils.explorers.edge import making


def test_a_short_run_writes_what_the_panel_reads(tmp_path, capsys):
    making.main([str(tmp_path), "--epochs", "1"])
    assert sorted(file.name for file in tmp_path.iterdir()) == ["reader.json", "reader.tflite"]
    found = json.loads((tmp_path / "reader.json").read_text("utf-8"))
    test = found["test"]
    for rounding in making.ROUNDINGS:
        assert np.shape(test[rounding]) == (len(test["digits"]), 10)
    right = (np.argmax(test["float"], axis=1) == test["digits"]).mean()
    assert right > 0.5
    assert capsys.readouterr().err.endswith(" of the validation digits are read\n")


def test_the_network_has_the_parameters_that_it_says():
    assert f"{making.network().count_params():,} parameters" in making.network.__doc__


def test_shifted_images_stand_in_nine_places():
    image = np.zeros((1, 8, 8, 1), "float32")
    image[0, 3, 4, 0] = 1
    places = [tuple(np.argwhere(moved)[0][:2]) for moved in making.shifted(image)]
    assert sorted(places) == [(row, column) for row in (2, 3, 4) for column in (3, 4, 5)]
