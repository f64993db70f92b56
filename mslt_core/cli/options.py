"""What several commands share: the option `--json`, and where people's tables are printed."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]

out = Console(emoji=False)
