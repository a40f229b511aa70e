"""The figures of chapter 1: networks."""
