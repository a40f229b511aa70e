"""Panels of chapter 5: deployment."""
