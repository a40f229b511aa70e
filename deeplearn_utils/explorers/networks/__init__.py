"""The panels of chapter 1: networks."""
