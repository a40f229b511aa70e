"""A page that reports whatever it should not have done."""

import contextlib
from collections.abc import Callable, Iterator

from playwright.sync_api import Browser, Page

from tests.browser.patience import STANDSTILL

HEIGHT = 900


@contextlib.contextmanager
def watching(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Give a function that opens an address and watches it until this ends.

    ``open_page(address, dark=False, width=1280, offline=None)`` returns a Playwright page. From
    ``file://`` the network is switched off, unless `offline` is False.
    """
    contexts, faults = [], []

    def open_page(
        address: str, *, dark: bool = False, width: int = 1280, offline: bool | None = None
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
            if line.type == "error":
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
