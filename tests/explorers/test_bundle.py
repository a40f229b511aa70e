"""The browser's file: made from the sources beside it, small, with its licences."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from deeplearn_utils import explorers
from deeplearn_utils.explorers.parts.marks import Mark

FOLDER = Path(explorers.__file__).parent
SOURCES = FOLDER / "javascript"
ENGINE = FOLDER.parent / "edge" / "export_js" / "engine.js"
BUNDLE = FOLDER / "static" / "explorers.js"


def test_the_bundle_was_built_from_these_sources():
    digest = hashlib.sha256()
    for path in [SOURCES / "package-lock.json", ENGINE, *sorted((SOURCES / "src").iterdir())]:
        digest.update(path.read_bytes())
    told = re.match(r"/\* sources ([0-9a-f]{64});", BUNDLE.read_text(encoding="utf-8"))
    assert told, "the bundle does not begin with the hash of its sources"
    assert told[1] == digest.hexdigest(), f"run `npm ci && npm run build` in {SOURCES}"


def test_the_bundle_is_small():
    assert BUNDLE.stat().st_size < 500_000


def test_the_browser_draws_every_kind_of_mark():
    source = (SOURCES / "src" / "marks.js").read_text(encoding="utf-8")
    drawn = set(re.findall(r"^  (\w+)\(mark", source, re.MULTILINE))
    assert drawn == {mark.__name__.lower() for mark in Mark.__subclasses__()}


def test_the_browser_looks_for_a_change_in_every_channel():
    source = (SOURCES / "src" / "marks.js").read_text(encoding="utf-8")
    listed = re.search(r"CHANNELS = \[(.*?)\];", source, re.DOTALL)[1]
    channels = {channel for mark in Mark.__subclasses__() for channel in mark.channels}
    assert set(re.findall(r'"(\w+)"', listed)) == channels


def test_every_package_in_the_bundle_has_its_licence_beside_it():
    text = (FOLDER / "static" / "explorers.LICENSES.txt").read_text(encoding="utf-8")
    lock = json.loads((SOURCES / "package-lock.json").read_text(encoding="utf-8"))
    parts = text.split("-" * 78)
    for part in parts:
        name, version, _ = part.strip().split(" ", 2)
        assert lock["packages"][f"node_modules/{name}"]["version"] == version
        assert re.search(r"copyright|released into the public domain|unlicense", part, re.I), name
    assert any(part.strip().startswith("@observablehq/plot ") for part in parts)


def test_the_lock_file_names_no_registry():
    text = (SOURCES / "package-lock.json").read_text(encoding="utf-8")
    assert not [url for url in re.findall(r'"resolved": "([^"]*)"', text) if "npmjs.org" not in url]


@pytest.mark.parametrize("word", ["fetch(", "XMLHttpRequest", "importScripts", "WebSocket"])
def test_our_own_sources_ask_no_network(word):
    for path in (SOURCES / "src").iterdir():
        assert word not in path.read_text(encoding="utf-8"), path.name


def test_litert_is_pinned_and_its_license_lies_where_it_is_bundled():
    lock = json.loads((SOURCES / "package-lock.json").read_text(encoding="utf-8"))
    for name in ("core", "wasm-utils"):
        package = lock["packages"][f"node_modules/@litertjs/{name}"]
        assert package["integrity"].startswith("sha512-")
        assert package["license"] == "Apache-2.0"
    terms = (SOURCES / "litert" / "LICENSE-Apache-2.0.txt").read_text(encoding="utf-8")
    assert "Apache License\n                           Version 2.0, January 2004" in terms
    assert "END OF TERMS AND CONDITIONS" in terms
