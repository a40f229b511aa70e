"""The panels of chapter 3: optimizers."""
