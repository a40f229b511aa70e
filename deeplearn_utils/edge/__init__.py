"""From the notebook to the machine where a network works: run, convert, ship.

A trained network is θ and a recipe. `convert` writes it in the formats that other runtimes read,
and believes none of them: each file is loaded by its own runtime and compared with the original
first. `runtime` opens any of these files in the same way. `artifact` packs one of them with its
preprocessing, its contract and a golden pair, so that the other end computes what was trained::

    from deeplearn_utils.edge import artifact, convert, runtime

    report = convert.to_litert(model, "digits.tflite", X_test)      # refuses what differs
    packed = artifact.pack("digits", runtime.files_of("digits.tflite"), raw[:8], to="litert",
                           scaler=data.scaler, classes=data.target_names)
    artifact.save(packed, "digits.zip")
    predictor = artifact.start(artifact.load("digits.zip"))         # another process, another day
    predictor.predict(raw[:1])

Importing this loads NumPy only; each framework is loaded by the function that needs it.
"""

from . import artifact, runtime
from .errors import ConversionError, ModelError

__all__ = ["ConversionError", "ModelError", "artifact", "runtime"]
