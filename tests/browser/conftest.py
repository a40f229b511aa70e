"""The browser, the built site, and a page that reports whatever it should not have done.

The site is built once (``tools/build_site.py`` waits for whoever is building it).
Use ``open_page(address)``: at the end of the test it fails on any request that left
this machine and on any error in the page's console.

A chapter in JupyterLab has 80,000 elements. There a selector starts with ``:light(...)``, or
Playwright asks each of them for a shadow tree; and what isn't there yet is waited for with
``wait_for()``, since ``expect`` describes the whole page at each try that finds nothing.
"""

import functools
import http.server
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.patience import STANDSTILL
from tests.browser.watching import watching
from tests.site_pages import built_site
from tools.find_browser import browser_or_advice

QUIET = (
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


# The sync API of Playwright leaves an event loop running in this thread. Package scope
# closes it before tests that call asyncio.run.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """A headless Chromium that talks to nobody on its own account."""
    path, advice = browser_or_advice()
    if path is None:
        pytest.fail(advice, pytrace=False)
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    arguments = [*QUIET, *(["--no-sandbox"] if as_root else [])]
    expect.set_options(timeout=1000 * STANDSTILL)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the built site; building it gives no warning."""
    return built_site()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serve files without a log line for each."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def site_address(site: Path) -> Iterator[str]:
    """The address of the site on a server of this machine, ``http://127.0.0.1:PORT``."""
    handler = functools.partial(QuietHandler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """A function that opens an address and watches it until the test ends."""
    with watching(chromium) as open_page:
        yield open_page
