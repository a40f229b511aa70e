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
    "UV_.*(INDEX|LINK|HOST|HTTP|TLS|CERT|KEYRING|OFFLINE|CACHE|CONCURRENT|DOWNLOADS|PYTHON_INSTALL)"
)
IN_UV_TOML = re.compile(
    r"^[\w-]*(?:index|links|host|proxy|tls|certs|keyring|offline|cache|concurrent|link-mode|download"
    r"|install-mirror)[\w-]* *=.*(?:\n(?![\w\[]).*)*",  # lines of a list go on
    re.MULTILINE,
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
    settings = own_uv.with_name("uv-settings") / "uv/uv.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(uv_settings(), "utf-8")
    kept["XDG_CONFIG_HOME"] = str(settings.parent.parent)
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


def uv_settings() -> str:
    """Return what the reader's own uv.toml says about how to fetch."""
    if os.environ.get("UV_NO_CONFIG"):
        return ""
    folder = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    file = Path(os.environ.get("UV_CONFIG_FILE") or os.path.join(folder, "uv/uv.toml"))
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    kept = []
    for part in re.split(r"^(?=\[)", text, flags=re.MULTILINE):
        head, name = part.partition("\n")[0], part.partition("]")[0].strip("[ ")
        if name == "index":
            kept.append(part.rstrip())
        elif not head.startswith("[") or name == "pip":
            kept += [head] * (name == "pip") + IN_UV_TOML.findall(part)
    return "\n".join([*kept, ""])


def pip_name(setting: str) -> str:
    """Return the name of a setting of pip's in the environment."""
    return f"PIP_{setting.upper().replace('-', '_')}"
