"""Figures of chapter 5: deployment."""
