"""An 8-bit model as a C program for a machine without an operating system.

`export_c` writes plain C99 that allocates nothing; with the rounding "double" or "single" no
floating-point number occurs in it. It gives the integers of LiteRT ("float"), or of tflite-micro
("double"), bit for bit.
"""

from .writing import export_c

__all__ = ["export_c"]
