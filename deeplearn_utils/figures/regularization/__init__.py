"""Figures of chapter 4: regularization and validation."""
