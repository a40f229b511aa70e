"""An 8-bit model as what it is: whole numbers, layer by layer, outside every runtime.

`read` takes a LiteRT file apart, and `IntegerModel` computes it with the kernels of this book, in
any of their roundings. With "float" it gives LiteRT's integers bit for bit, with "double" those of
LiteRT's reference kernels and of tflite-micro. The C and JavaScript exports start here too.
"""

from .memory import plan
from .model import IntegerModel, Step, Tensor
from .reading import read

__all__ = ["IntegerModel", "Step", "Tensor", "plan", "read"]
