"""The command line: `deeplearn`, or `python -m deeplearn_utils`."""

import sys

try:
    import typer

    from .commands import COMMANDS
except ImportError as missing:
    sys.exit(f"the command line needs {missing.name}: pip install -e '.[lab]' brings it")

app = typer.Typer(no_args_is_help=True, add_completion=False)
for words, function in COMMANDS.items():
    app.command(words)(function)


@app.callback()
def main() -> None:
    """Tools around the deep-learning book."""


if __name__ == "__main__":
    app(prog_name="deeplearn")
