"""How long the Data page takes to show what is in a large upload, and how much memory.

    .venv/bin/python -m benchmarks.preview [rows]

Writes two Parquet files (200,000 rows, 3 languages, 2 labels: sentences of about 80 characters, and
the same as words with tags), starts the app on a fresh store, uploads each in Chromium, and prints
the seconds from the end of the upload to the preview, and the peak of the app's resident memory.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.table import Table

from mslt_core.ui import words

ROOT = Path(__file__).parents[1]
ROWS = 200_000
ROUNDS = 3
LIMITS = "limits: 3 s (sentences), 1,500 MB"
WORDS = np.array(["house", "river", "morning", "window", "letter", "garden", "silver", "candle"])
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def write(folder: Path, rows: int) -> list[Path]:
    """The two files; every text is another one, and none is in training and in test."""
    rng = np.random.default_rng(0)
    picked = WORDS[rng.integers(0, len(WORDS), (rows, 11))]
    split = np.array(["train", "train", "train", "dev", "test"])[np.arange(rows) % 5]
    text = [f"{' '.join(line)} {i}" for i, line in enumerate(picked)]
    language = np.array(["en", "de", "sw"])[np.arange(rows) % 3]
    sentences = pd.DataFrame({"language": language, "split": split, "text": text})
    sentences["label"] = np.where(rng.random(rows) < 0.5, "good", "bad")
    tagged = pd.DataFrame({"language": language, "split": split})
    tagged["words"] = [line.split() for line in text]
    tags = np.where(rng.random((rows, 12)) < 0.5, "NOUN", "VERB")
    tagged["tags"] = tags.tolist()
    files = [folder / "sentences.parquet", folder / "tags.parquet"]
    for path, table in zip(files, (sentences, tagged), strict=True):
        table.to_parquet(path, index=False)
    return files


@contextmanager
def app(home: Path) -> Iterator[tuple[str, psutil.Process]]:
    """The app on a free port: its address and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    served = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
        cwd=ROOT,
        env={**os.environ, "MSLT_HOME": str(home)},
        stdout=subprocess.DEVNULL,
    )
    try:
        while socket.socket().connect_ex(("127.0.0.1", port)):
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", psutil.Process(served.pid)
    finally:
        served.terminate()
        served.wait()


@contextmanager
def peak_of(process: psutil.Process) -> Iterator[list[float]]:
    """The largest resident memory of a process meanwhile, in MB, as the list's last number."""
    peaks, ended = [0.0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.02):
            peaks.append(max(peaks[-1], process.memory_info().rss / 1e6))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peaks
    finally:
        ended.set()
        watcher.join()


def preview(browser: Browser, url: str, path: Path) -> float:
    """Uploads a file in a new tab; seconds from the end of the upload to the preview."""
    page = browser.new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{url}/Data?view=own")
    page.get_by_text(words.OWN_SAMPLE_CAPTION).wait_for()
    done = "/_stcore/upload_file/"
    with page.expect_event(
        "requestfinished", lambda request: done in request.url and request.method == "PUT"
    ):
        page.set_input_files("input[type=file]", path)
    start = time.perf_counter()
    # The button comes last, after languages, labels, examples and faults.
    page.get_by_test_id("stBaseButton-primary").wait_for()
    seconds = time.perf_counter() - start
    page.close()
    return seconds


def main() -> None:
    """Each file in a few sessions after one another, and what they took."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    table = Table("file", "MB", "seconds to the preview", "peak MB of the app", title=LIMITS)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for path in write(Path(folder), rows):
            with app(Path(folder, "home")) as (url, process), peak_of(process) as peaks:
                times = [preview(browser, url, path) for _ in range(ROUNDS)]
            size = f"{path.stat().st_size / 1e6:.0f}"
            seconds = ", ".join(f"{found:.1f}" for found in times)
            table.add_row(path.name, size, seconds, f"{peaks[-1]:,.0f}")
        browser.close()
    Console().print(table)


if __name__ == "__main__":
    main()
