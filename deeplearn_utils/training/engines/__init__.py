"""How a step is taken: plain, in preallocated NumPy memory, or compiled."""
