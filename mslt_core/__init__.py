"""MSLT Lab: a point-and-click laboratory for cross-lingual transfer."""

__version__ = "0.1.0"
