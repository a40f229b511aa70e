"""From a network to the formats that other runtimes read, each compared before it is kept.

`convert(model, path, X, to="litert")` writes a file, opens it with the runtime that it is for, and
compares both on the inputs X. The model is a Keras model, a PyTorch module, or an `MLP` with its θ;
where a format needs another framework, `keras_twin` or `torch_twin` build the same network there.
`WRITERS` names the formats: mlp, keras, savedmodel, litert, onnx, torchscript and torch_export.
"""

from .converting import Report, convert, outputs_of
from .keras_twin import keras_twin
from .torch_twin import torch_twin
from .writers import WRITERS

__all__ = ["WRITERS", "Report", "convert", "keras_twin", "outputs_of", "torch_twin"]
