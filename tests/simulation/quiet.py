"""A simulation says what happened in a story; the program's log stays out of it."""

from __future__ import annotations

import logging

import structlog


def without_log() -> None:
    """Let no event of the program be written."""
    quiet = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=quiet, cache_logger_on_first_use=False)
