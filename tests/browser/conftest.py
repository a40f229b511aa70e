"""The browser, the built site, and a page that reports whatever it should not have done.

The site is built once (``tools/build_site.py`` waits for whoever is building it).
Use ``open_page(address)``: at the end of the test it fails on any request that left
this machine and on any error in the page's console.
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
from tests.site_pages import built_site
from tools.find_browser import browser_or_advice

QUIET = (
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
OTHER_PAGES = "Cross reference target was not found"  # JupyterLab knows one notebook at a time


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
    """A function that opens an address and watches it until the test ends.

    ``open_page(address, dark=False, width=1280, offline=None)`` returns a Playwright page. From
    ``file://`` the network is switched off, unless `offline` is False.
    """
    contexts, faults = [], []

    def open_(
        address: str, *, dark: bool = False, width: int = 1280, offline: bool | None = None
    ) -> Page:
        from_file = address.startswith("file:")
        home = "file:" if from_file else "/".join(address.split("/")[:3])
        context = chromium.new_context(
            color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": 900},
            offline=from_file if offline is None else offline,
        )
        context.set_default_timeout(1000 * STANDSTILL)
        contexts.append(context)

        def watch(request) -> None:
            if not request.url.startswith((home, "data:", "blob:")):
                faults.append(f"{address} asked for {request.url}")

        def note(line) -> None:
            if line.type == "error" and not line.text.startswith(OTHER_PAGES):
                faults.append(line.text)

        page = context.new_page()
        page.on("request", watch)
        page.on("pageerror", lambda error: faults.append(f"{address}: {error}"))
        page.on("console", note)
        page.goto(address)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)
