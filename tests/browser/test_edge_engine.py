"""The JavaScript engine in a page: the integers of LiteRT on the whole test set of digits."""

import json

import numpy as np

from deeplearn_utils.edge import integer
from deeplearn_utils.edge.export_js import engine_js, export_js


def test_a_page_computes_litert_to_the_bit(
    chromium,
    digit_images,
    int8_ends_file,
    run_litert,
):
    X, model = digit_images["X_test"], integer.read(int8_ends_file)
    page = chromium.new_page()
    page.set_content(f'<script type="module">{engine_js()}\nwindow.load = load;</script>')
    page.wait_for_function("window.load !== undefined")
    answers = page.evaluate(
        "([model, X]) => { const network = load(model);"
        "return X.map((x) => { const { layers, integers } = network.predict(x);"
        "return [[...layers[0]], [...integers]]; }); }",
        [json.loads(export_js(model)), X.reshape(len(X), -1).tolist()],
    )
    page.close()
    taken = np.array([first for first, _ in answers], "int8").reshape(X.shape)
    found = np.array([last for _, last in answers], "int8")
    np.testing.assert_array_equal(found, run_litert(int8_ends_file, taken))
    np.testing.assert_array_equal(found, model.predict(X))
