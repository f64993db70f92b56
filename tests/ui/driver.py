"""Pages in Streamlit's test runner: opened by address, acted on, read."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]

# Each AppTest looks for components in every installed package, which takes longer than any page.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


def open_page(path, **query):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    if path != "app.py":
        app.switch_page(path)
    return run(app)


def run(app, *_actions):
    """Draws the page anew, after what was done to its elements."""
    app.run()
    assert not app.exception, app.exception[0].value
    return app


def text(app):
    parts = [*app.markdown, *app.caption, *app.title, *app.subheader, *app.error, *app.code]
    return "\n".join(str(part.value) for part in parts)


def button(app, label):
    return next(found for found in app.button if found.label == label)


def select(app, table, *rows):
    """Selects rows of a table, as clicks on them would; to be drawn by `run`."""
    app.session_state[table] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}


def assert_prints(code, expected, home):
    """Runs code in a process of its own, which has imported nothing yet, on this store."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "MSLT_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == expected, done.stderr[-2000:]
