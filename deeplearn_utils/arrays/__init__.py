"""Which array library and which device an array belongs to, and moving arrays between them."""

from .devices import Device, available, device, to_device
from .libraries import Array, arange, asarray, import_quietly, library, namespace, to_numpy

__all__ = [
    "Array",
    "Device",
    "arange",
    "asarray",
    "available",
    "device",
    "import_quietly",
    "library",
    "namespace",
    "to_device",
    "to_numpy",
]
