"""What goes wrong with a model's file, as an error of its own."""

__all__ = ["ConversionError", "ModelError"]


class ModelError(ValueError):
    """A model's file is not what it should be: damaged, of another kind, or against its contract.

    The message names the file, what is wrong with it, and what to try.
    """


class ConversionError(ModelError):
    """A converted model does not compute what the original computes, so it was not kept."""
