"""What the tests of the site share: which pages there are, and a page's parsed HTML."""

import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sphinx_external_toc.parsing import parse_toc_yaml

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(parse_toc_yaml(ROOT / "_toc.yml"))
SPHINX_PAGES = ["genindex", "search"]


def built_site() -> Path:
    """Build the site where its inputs changed; fail on a warning."""
    command = [sys.executable, str(ROOT / "tools" / "build_site.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"the site does not build:\n{done.stdout}{done.stderr}", pytrace=False)
    return ROOT / "build" / "site"


@cache
def parsed(path: Path) -> BeautifulSoup:
    """Return a page's HTML as a tree."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@cache
def ids(path: Path) -> Counter[str]:
    """Return how often each id stands on a page."""
    return Counter(element["id"] for element in parsed(path).find_all(id=True))
