"""One thread for the products of numpy and scikit-learn.

Small products are slower on two threads, which wait for each other longer than they work. And how
a product is divided among threads may show in its last digits: on one thread it never does.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any


def one_thread() -> AbstractContextManager[object]:
    """While it lasts, numpy and scikit-learn multiply on one thread."""
    limited: AbstractContextManager[object] = _libraries().limit(limits=1)
    return limited


@cache
def _libraries() -> Any:
    """What sets the threads of the libraries that multiply. To look for them takes a good part of
    the time of a fit, so it is done once, when scikit-learn has loaded them."""
    import sklearn.linear_model  # noqa: F401
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
