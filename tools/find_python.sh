#!/bin/sh
# Print a Python that can run tools/environment.py: $1 if it is given, else the first that runs.
# It may be older or newer than what the book needs: uv finds or fetches that one.
runs='import sys; assert sys.version_info >= (3, 8); print(sys.executable)'
newline='
'

# A script in Python's place may end well and say nothing, or greet before it starts the real one.
print_if_python() {
    found=$("$@" -E -s -c "$runs" </dev/null 2>/dev/null) || return
    found=${found##*"$newline"}
    [ -f "$found" ] && [ -x "$found" ] && printf '%s\n' "$found"
}

for python in "${1:-python3}" ${1:-python3.13 python3.12 python3.11 python}; do
    print_if_python "$python" && exit
done
[ -z "$1" ] && print_if_python uv run --quiet --no-project python && exit

cat >&2 <<MESSAGE

${1:+$1 does not run as a Python 3.8 or newer. }The book needs the Python that pyproject.toml names:
    $(grep requires-python pyproject.toml)
Install it (https://www.python.org/downloads/, or your system's packages: python3 and python3-venv
on Debian and Ubuntu), then run the same command again. If it is not on the PATH, name it:
    make lab PYTHON=/path/to/python

MESSAGE
exit 1
