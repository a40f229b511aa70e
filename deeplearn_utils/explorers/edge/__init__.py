"""The panels of chapter 6: what runs where TensorFlow is not."""
