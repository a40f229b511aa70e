"""What importing the package costs beyond NumPy: less than 0.3 s of processor time."""

import subprocess
import sys

PROGRAM = """
import time
started = time.process_time()
import numpy
between = time.process_time()
import {module}
print(between - started, time.process_time() - between)
"""
MODULES = ("deeplearn_utils", "deeplearn_utils.training", "deeplearn_utils.figures")


def costs(module: str) -> tuple[float, float]:
    """Return the processor time of importing NumPy and then this module, best of seven."""
    command = [sys.executable, "-c", PROGRAM.format(module=module)]
    runs = [
        [float(word) for word in subprocess.check_output(command, text=True).split()]
        for _ in range(7)
    ]
    return min(numpy for numpy, _ in runs), min(module for _, module in runs)


def test_importing(table):
    header = ("module", "seconds beyond NumPy", "times NumPy's own")
    for module in MODULES:
        numpy, beyond = costs(module)
        table("Import time", header, module, f"{beyond:.3f}", f"{beyond / numpy:.2f}")
        if module == "deeplearn_utils":
            assert beyond < 0.3
