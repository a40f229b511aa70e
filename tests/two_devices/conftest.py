"""Two JAX devices are needed: `arrays/test_devices.py` runs this in a process that has them."""

import os

if "device_count=2" not in os.environ.get("XLA_FLAGS", ""):
    collect_ignore_glob = ["test_*.py"]
