"""The figures of chapter 3: optimizers."""
