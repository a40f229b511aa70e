"""The panels of chapter 2: backpropagation."""
