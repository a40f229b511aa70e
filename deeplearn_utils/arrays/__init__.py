"""Which array library and which device an array belongs to, and moving arrays between them."""

from .availability import device_memory, why_not
from .conversion import arange, asarray, has_values, to_numpy
from .devices import Device, available, device, to_device
from .importing import import_quietly
from .libraries import Array, library, namespace

__all__ = [
    "Array",
    "Device",
    "arange",
    "asarray",
    "available",
    "device",
    "device_memory",
    "has_values",
    "import_quietly",
    "library",
    "namespace",
    "to_device",
    "to_numpy",
    "why_not",
]
