"""From the notebook to the machine where a network works: run, convert, ship.

A trained network is θ and a recipe. `convert` writes it in the formats that other runtimes read,
and believes none of them: each file is opened by its own runtime and compared with the original
before it is kept. `formats` opens any of these files in the same way. `artifact` packs one with its
preprocessing, its contract and a golden pair, so that the other end computes what was trained.
`verifying` tests such a file in a process of its own, where it can harm nobody::

    from deeplearn_utils.datasets import digits, digits_table
    from deeplearn_utils.edge import artifact, formats, runtime
    from deeplearn_utils.edge.convert import convert

    data, raw = digits(), digits_table().X[:8].astype("float32")
    print(convert(model, "digits.tflite", data.X_test, to="litert"))  # how far apart, and where

    files = formats.files_of("digits.tflite")
    packed = artifact.pack("digits", files, raw, format="litert", low=0, high=16,
                           scaler=data.scaler, classes=data.target_names)
    artifact.save(packed, "digits.zip")

    predictor = artifact.start(artifact.load("digits.zip"))  # another process, another day
    predictor.predict(raw)                                   # names of classes

`runtime.load("digits.zip")` does the last two with NumPy and the small runtime alone, and with
`isolated=True` in a process with limits. `compress` makes models smaller, `budget` measures them,
`integer` computes what 8-bit models do, and `export_c` and `export_js` write them out.

Importing this loads NumPy only; each framework is loaded by the function that needs it.
"""

from . import artifact, formats, runtime
from .errors import ConversionError, ModelError

__all__ = ["ConversionError", "ModelError", "artifact", "formats", "runtime"]
