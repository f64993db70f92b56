"""Work on files that several processes want at once, so that each part of it is done by one."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path

Progress = Callable[[int, int], None]
"""Called with the numbers of texts done and in all; what it raises ends the work."""

WAIT_SECONDS = 0.1
"""How long to wait before asking again for what others have locked."""


@contextmanager
def locked(paths: dict[str, Path], most: int | None = None) -> Iterator[list[str]]:
    """The names of those of these files or folders that nobody else has locked, the first `most` of
    them; locked for this process until the end.

    It never waits: who has locked something and waits for more may wait for ever. The lock is that
    of an open file, which is empty, stays, and stands beside the one meant; the kernel lets it go
    when its process dies.
    """
    with ExitStack() as held:
        yield list(islice((name for name, path in paths.items() if _take(path, held)), most))


def after(before: int, total: int, progress: Progress) -> Progress:
    """What tells of a part of the work that it comes after `before` texts of `total`."""
    return lambda done, _: progress(before + done, total)


def _take(path: Path, held: ExitStack) -> bool:
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.with_name(f"{path.name}.lock").open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return False
    held.enter_context(file)
    return True
