"""The panels of the appendix on open challenges."""
