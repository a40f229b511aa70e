"""The command line, a file a command; a new one gets a file here and a line in `COMMANDS`."""

from . import devices

COMMANDS = {"devices": devices.devices}
"""The functions that `deeplearn` runs, by the words that call them."""
