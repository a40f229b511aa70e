"""A panel shown by a kernel: its first picture, and its widget."""
