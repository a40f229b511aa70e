"""The command line, a file a command; a new one gets a file here and a line in `COMMANDS`."""

__all__ = ["COMMANDS"]

COMMANDS = (
    "challenge",
    "check",
    "devices",
    "edge",
    "feedback",
    "grade",
    "gradebook",
    "release",
    "serve",
)  # fmt: skip
"""The words that `deeplearn` knows: each is a file here, with a function of that name, or with a
`typer.Typer` where the word has words of its own."""
