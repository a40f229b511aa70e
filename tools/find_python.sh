#!/bin/sh
# Print a Python that can run the book: $1 if it is given, else the first on PATH that fits.
# What fits is set by the oldest and newest Python that TensorFlow and the lock file support.
fits='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

for python in ${1:-python3 python3.13 python3.12 python3.11 python}; do
    if "$python" -c "$fits" 2>/dev/null; then
        "$python" -c 'import sys; print(sys.executable)'
        exit
    fi
    found="$found$("$python" --version 2>/dev/null | sed "s|^|  $python is |")
"
done

if [ -z "$1" ] && command -v uv >/dev/null && uv python install 3.13 >&2; then
    exec uv python find 3.13
fi

cat >&2 <<MESSAGE

This book needs Python 3.11, 3.12 or 3.13. Found:
$(printf '%s' "$found" | grep . || echo '  none')
Install one of them (https://www.python.org/downloads/, or your system's packages:
python3 and python3-venv on Debian and Ubuntu), then run the same command again.
If it is not on the PATH, name it: make lab PYTHON=/path/to/python3.13

MESSAGE
exit 1
