"""The figures of chapter 2: backpropagation."""
