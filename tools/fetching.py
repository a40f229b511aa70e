"""Where packages come from: what the reader has set for pip or uv, and nothing else of theirs."""

from __future__ import annotations

import ast
import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path

from isolated import clean_environment

BASE = getattr(sys, "_base_executable", sys.executable)  # of a venv, the Python that it stands on
PIP_AS_UV = {  # uv doesn't read pip's settings, and calls them otherwise
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
}
OF_UV = re.compile(
    "UV_.*(INDEX|LINK|HOST|HTTP|TLS|CERT|KEYRING|OFFLINE|CACHE|CONCURRENT|CONFIG|DOWNLOADS"
    "|PYTHON_INSTALL)"
)


def fetching_environment(own_uv: Path) -> dict[str, str]:
    """Return the environment in which pip and uv fetch as the reader has set either of them to.

    Their other settings are left out: they would send the packages elsewhere (``PIP_USER``).
    """
    kept = {
        name: value
        for name, value in clean_environment().items()
        if not name.startswith(("PIP_", "UV_")) or OF_UV.match(name)
    }
    for setting, value in pip_settings(own_uv).items():
        kept[pip_name(setting)] = value
        separator = "," if setting == "find-links" else " "
        kept.setdefault(PIP_AS_UV[setting], separator.join(value.split()))
    kept.update(PIP_CONFIG_FILE=os.devnull, PIP_DISABLE_PIP_VERSION_CHECK="1")
    # the best version of all indexes, as pip takes it: what is fetched is held to its hash
    return {**kept, "UV_INDEX_STRATEGY": "unsafe-best-match"}


def pip_settings(own_uv: Path) -> dict[str, str]:
    """Return how pip is set to fetch; the environment's word counts more than a file's."""
    found = {}
    for python in (BASE, own_uv / "bin/python"):  # the first one may have no pip
        command = [str(python), "-E", "-s", "-m", "pip", "config", "list"]
        with contextlib.suppress(OSError):
            shown = subprocess.run(command, capture_output=True, encoding="utf-8").stdout
            for part in ("global", "install"):
                lines = re.findall(rf"^{part}\.([\w-]+)=(.*)$", shown, re.MULTILINE)
                found.update((setting, ast.literal_eval(value)) for setting, value in lines)
    for setting in PIP_AS_UV:
        found[setting] = os.environ.get(pip_name(setting)) or found.get(setting)
    return {setting: found[setting] for setting in PIP_AS_UV if found[setting]}


def pip_name(setting: str) -> str:
    """Return the name of a setting of pip's in the environment."""
    return f"PIP_{setting.upper().replace('-', '_')}"
