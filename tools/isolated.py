"""Run Python free of what the reader's shell sets: ``python tools/isolated.py [-m] program ...``.

Standard library only, and Python 3.8: set-up calls this before anything is installed.
"""

from __future__ import annotations

import os
import sys
import tempfile
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "build" / "home"  # of our programs: what they keep between runs
LEAKS = (  # what points to other code, another environment or another way to draw and compute
    *("PYTHON*", "IPYTHON*", "VIRTUAL_ENV*"),
    *("JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "JUPYTER_NO_CONFIG", "JUPYTER_TOKEN_FILE"),
    *("JUPYTER_PLATFORM_DIRS", "JUPYTERLAB_DIR"),
    *("MPL*", "MATPLOTLIBRC", "KERAS_*", "TF_USE_LEGACY_KERAS"),
    *("JAX_ENABLE_X64", "JAX_DISABLE_JIT", "JAX_DEBUG_*", "JAX_NUMPY_*", "JAX_DEFAULT_*"),
    *("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD", "RUFF_*"),
    *("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"),
)
WRITTEN_TO = (  # folders that the reader may have chosen, and that our programs write to
    *("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"),
    *("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR"),
    *("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "UV_CACHE_DIR"),
)


def clean_environment() -> dict[str, str]:
    """Return the environment without leaks, and with a home that can be written to."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not any(fnmatchcase(name, leak) for leak in LEAKS)
        and (name not in WRITTEN_TO or (os.path.isabs(value) and writable(value)))
    }
    own = HOME if writable(HOME) else Path(tempfile.mkdtemp(prefix="deep-learning-book-"))
    kept.update(
        PYTHONNOUSERSITE="1",
        PYTHONUTF8="1",
        JUPYTER_PREFER_ENV_PATH="1",
        IPYTHONDIR=str(own / "ipython"),
        MPLCONFIGDIR=str(own / "matplotlib"),
        KERAS_HOME=str(own / "keras"),
    )
    home = Path(os.environ.get("HOME", os.path.expanduser("~")))
    used = (
        *(home / ".jupyter/lab/user-settings", home / ".jupyter/lab/workspaces"),
        *(home / ".local/share/jupyter/runtime", home / ".cache/uv"),
    )
    if not home.is_absolute() or not all(writable(folder) for folder in used):
        own.mkdir(parents=True, exist_ok=True)
        kept["HOME"] = str(own)
    return kept


def writable(folder: str | Path) -> bool:
    """Tell whether files can be written to a folder, or the folder be made."""
    folder = Path(folder).absolute()
    while not os.path.lexists(folder):
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


if __name__ == "__main__":
    os.chdir(ROOT)
    os.execve(sys.executable, [sys.executable, *sys.argv[1:]], clean_environment())
