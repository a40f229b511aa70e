"""The panels of chapter 4: regularization and validation."""
