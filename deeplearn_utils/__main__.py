"""The command line: `deeplearn`, or `python -m deeplearn_utils`."""

import sys
from importlib import import_module

from .commands import COMMANDS

try:
    import typer

    modules = {name: import_module(f".commands.{name}", __package__) for name in COMMANDS}
except ImportError as missing:
    sys.exit(f"the command line needs {missing.name}: pip install -e '.[lab]' brings it")

app = typer.Typer(no_args_is_help=True, add_completion=False)
for name, module in modules.items():
    command = getattr(module, name)
    if isinstance(command, typer.Typer):
        app.add_typer(command, name=name)
    else:
        app.command(name)(command)


@app.callback()
def main() -> None:
    """Tools around the deep-learning book."""


if __name__ == "__main__":
    app(prog_name="deeplearn")
