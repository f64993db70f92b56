"""The main job in a real browser: tick, train, leave, come back, compare.

The app runs as a person would start it; Chromium is Debian's. The fine-tune is real, with the
bundled model, a small budget and few targets.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE = 240_000
"""Milliseconds for what takes a fine-tune's time on a slow machine."""
expect.set_options(timeout=60_000)  # a page may wait long for a core

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (see .ci/run)"),
]


@pytest.fixture
def address(home):
    """The app, served for this test alone."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
        cwd=ROOT,
        env={**os.environ, "MSLT_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{url}/_stcore/health").close()
            break
        except OSError:
            assert time.monotonic() < deadline, "the app did not start"
            time.sleep(0.1)
    yield url
    app.terminate()
    app.wait(10)


@pytest.fixture
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


def open_page(browser, url):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(60_000)
    page.goto(url)
    return page


def box(page, name):
    """A language's checkbox: "Chinese", but not "Chinese (Traditional)"."""
    return page.get_by_role("checkbox", name=re.compile(rf"^{name}\b(?!\s*\()"))


def tick(page, name, said):
    """Tick a language by its checkbox, as a person would, and wait for what the page then says."""
    page.locator("label", has=box(page, name)).click()
    expect(box(page, name)).to_be_checked()
    expect(page.get_by_text(said)).to_be_visible()


def training(page):
    """The progress bar's text while the run trains."""
    return page.get_by_text(re.compile(r"^training · \d+/\d+")).first


def step(page):
    """The step that the page shows."""
    expect(training(page)).to_be_visible()
    return int(re.search(r"(\d+)/", training(page).inner_text())[1])


def test_train_leave_come_back_compare(address, browser):
    first = "budget=48&epochs=24&targets=ar,de,en,zh"
    page = open_page(browser, f"{address}/Train?{first}")
    page.get_by_role("button", name="None").click()
    expect(box(page, "English")).not_to_be_checked()
    tick(page, "German", "48 for de")
    tick(page, "Arabic", "24+24 for ar, de")
    tick(page, "Chinese", "16+16+16 for ar, de, zh")
    # What was chosen is in the address, so that a link opens the same view.
    page.wait_for_url(re.compile(r"sources=ar(,|%2C)de(,|%2C)zh"))
    page.get_by_role("button", name="Queue 1 fine-tune").click()
    expect(training(page)).to_be_visible(timeout=PATIENCE)
    before = step(page)
    page.close()

    # Nothing in the address: what is going on is found in the store.
    page = open_page(browser, f"{address}/Train")
    expect(page.get_by_text("ar, de, zh · Fine-tune · seed 0")).to_be_visible()
    # The same run, and it goes on: no step is taken twice.
    first_seen = step(page)
    assert first_seen >= before
    expect(training(page)).not_to_have_text(
        re.compile(rf"training · {first_seen}/"), timeout=PATIENCE
    )
    assert step(page) > first_seen
    expect(page.get_by_text(re.compile(r"Accuracy, mean \d"))).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Open in Compare").click()

    expect(page.get_by_role("heading", name="Compare")).to_be_visible()
    charts = page.locator("[data-testid=stVegaLiteChart]")
    expect(charts.first).to_be_visible()
    # Two panels of the map once the worker has computed it, the heatmap, and the means.
    expect(charts).to_have_count(4, timeout=60_000)
    for heading in ("Transfer", "Embedding map", "Pretrained"):
        expect(page.get_by_text(heading, exact=True).first).to_be_visible()
    expect(page.get_by_text(re.compile(r"Trustworthiness 0\.\d\d")).first).to_be_visible()
    expect(page.get_by_text("4-bit copy").first).to_be_visible()
    # Another projection comes by itself, in the place of the first.
    page.get_by_text("t-SNE", exact=True).first.click()
    expect(page.get_by_text(re.compile("^t-SNE of unit vectors")).first).to_be_visible(
        timeout=90_000
    )
    expect(charts).to_have_count(4)
    page.wait_for_url(re.compile("map_method=tsne"))
    assert page.get_by_text("Traceback").count() == 0
    save = os.environ.get("MSLT_SCREENSHOTS")
    if save:
        page.wait_for_timeout(1500)
        page.screenshot(path=Path(save) / "e2e-compare.png", full_page=True)
