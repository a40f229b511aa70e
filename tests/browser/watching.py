"""A page that reports whatever it should not have done."""

import contextlib
import re
from collections.abc import Callable, Iterator

from playwright.sync_api import Browser, Page

from tests.browser.patience import STANDSTILL

HEIGHT = 900
# On a busy machine JupyterLab says which of the plugins took long to start. What it and its other
# extensions tell as "log" and "debug" is no warning: which of them are there, each rendering.
BY_JUPYTERLAB = re.compile(
    r"Plugin \S+ (\(with \d+ dependants\) took [\d.]+ms|is taking too long) to activate"
)


@contextlib.contextmanager
def watching(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Give a function that opens an address and watches it until this ends.

    ``open_page(address, dark=False, width=1280, offline=None, strict=False)`` returns a Playwright
    page. From ``file://`` the network is switched off, unless `offline` is False. A `strict` page
    gives no warnings either, but for those that JupyterLab prints itself.
    """
    contexts, faults = [], []

    def open_page(
        address: str,
        *,
        dark: bool = False,
        width: int = 1280,
        offline: bool | None = None,
        strict: bool = False,
    ) -> Page:
        from_file = address.startswith("file:")
        home = "file:" if from_file else "/".join(address.split("/")[:3])
        context = browser.new_context(
            color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": HEIGHT},
            offline=from_file if offline is None else offline,
        )
        context.set_default_timeout(1000 * STANDSTILL)
        contexts.append(context)

        def watch(request) -> None:
            if not request.url.startswith((home, "data:", "blob:")):
                faults.append(f"{address} asked for {request.url}")

        def note(line) -> None:
            warned = strict and line.type == "warning" and not BY_JUPYTERLAB.match(line.text)
            if line.type == "error" or warned:
                faults.append(line.text)

        page = context.new_page()
        page.on("request", watch)
        page.on("pageerror", lambda error: faults.append(f"{address}: {error}"))
        page.on("console", note)
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)
