"""A browser that a program drives: for the tests, the benchmark, a picture."""
import contextlib
import shutil

from playwright.sync_api import sync_playwright


@contextlib.contextmanager
def chromium():
    """Yield a running Chromium: this machine's, or Playwright's own.

    Raises:
        playwright.sync_api.Error: if there is none.
    """
    names = 'chromium', 'google-chrome', 'chromium-browser'
    path = next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()
