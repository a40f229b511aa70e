"""What JupyterLab loads of the book's extension: made from the sources beside it, and small."""

import hashlib
import json
import re
import tomllib

import pytest

from tests.explorers.test_bundle import SOURCES
from tests.site_pages import ROOT

NAME = "deeplearn-book"
BUILT = ROOT / "deeplearn_utils" / "labextensions" / NAME
MANIFEST = json.loads((BUILT / "package.json").read_text(encoding="utf-8"))
OURS = SOURCES / "lab" / "src"


def bundle() -> str:
    return (BUILT / MANIFEST["jupyterlab"]["_build"]["load"]).read_text(encoding="utf-8")


def test_the_bundle_was_built_from_these_sources():
    digest = hashlib.sha256()
    for path in sorted(OURS.iterdir()):
        digest.update(path.read_bytes())
    told = re.match(r"/\* sources ([0-9a-f]{64}) \*/", bundle())
    assert told, "the bundle does not begin with the hash of its sources"
    assert told[1] == digest.hexdigest(), f"run `npm ci && npm run build:lab` in {SOURCES}"


def test_the_bundle_is_small_and_called_by_its_content():
    (file,) = (BUILT / "static").iterdir()
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert file.name == f"remoteEntry.{digest[:20]}.js"
    assert file.stat().st_size < 50_000


def test_every_file_is_installed_where_jupyterlab_looks():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    installed = {
        f"{place}/{file.name}"
        for place, patterns in settings["tool"]["setuptools"]["data-files"].items()
        for pattern in patterns
        for file in ROOT.glob(pattern)
    }
    files = {file.relative_to(BUILT) for file in BUILT.rglob("*") if file.is_file()}
    assert installed == {f"share/jupyter/labextensions/{NAME}/{file}" for file in files}


@pytest.mark.parametrize("word", ["fetch(", "XMLHttpRequest", "import(", "WebSocket", "eval("])
def test_our_own_sources_ask_no_network(word):
    for path in OURS.iterdir():
        assert word not in path.read_text(encoding="utf-8"), path.name
