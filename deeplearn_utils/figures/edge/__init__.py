"""Figures of chapter 6: edge inference."""
