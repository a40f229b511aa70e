"""Which array library and device an array belongs to; moving arrays; compiling functions."""

from .availability import device_memory, why_not
from .compiling import compile
from .conversion import (
    arange,
    as_count,
    as_real,
    asarray,
    has_values,
    rows,
    to_numpy,
)
from .devices import Device, available, device, to_device
from .importing import import_quietly
from .libraries import Array, library, namespace

__all__ = [
    "Array",
    "Device",
    "arange",
    "as_count",
    "as_real",
    "asarray",
    "available",
    "compile",
    "device",
    "device_memory",
    "has_values",
    "import_quietly",
    "library",
    "namespace",
    "rows",
    "to_device",
    "to_numpy",
    "why_not",
]
