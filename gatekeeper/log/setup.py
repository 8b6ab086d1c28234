"""Send what structlog and the standard library log through one chain to one stream."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, TextIO

import structlog

from gatekeeper.log.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from structlog.typing import EventDict, Processor, WrappedLogger


def set_up_logging(
    *,
    level: str = "info",
    style: str = "auto",
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> Redactor:
    """Send every log line through redaction to `stream`, as JSON or for a person.

    Args:
        level: debug, info, warning or error.
        style: console, json, or auto: console if the stream is a terminal.
        secrets: What must not show; more may be added to the returned redactor
            as tokens are obtained.
        stream: Where lines go; stderr if None, because stdout is for answers.

    Returns:
        The redactor in use, for texts that reach a person by another way.
    """
    stream = stream or sys.stderr
    redactor = Redactor(secrets)
    is_terminal = stream.isatty()
    is_console = style == "console" or (style == "auto" and is_terminal)
    renderer = _console(colors=is_terminal) if is_console else _json()
    lines = logging.StreamHandler(stream)
    lines.setFormatter(_formatter(redactor, renderer))
    root = logging.getLogger()
    root.handlers = [lines]
    root.setLevel(level.upper())
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.raiseExceptions = False  # a line that fails would print itself unredacted
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,  # a logger made before set-up follows it
    )
    return redactor


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]


def _formatter(redactor: Redactor, renderer: Processor) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _redacting(redactor),
            renderer,
            _final(redactor),
        ],
    )


def _json() -> Processor:
    return structlog.processors.JSONRenderer()


def _console(*, colors: bool) -> Processor:
    return structlog.dev.ConsoleRenderer(
        colors=colors, exception_formatter=structlog.dev.plain_traceback
    )


def _redacting(redactor: Redactor) -> Processor:
    def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {
            name: redactor.value(name, value, keep_lines=name in _MULTILINE)
            for name, value in event.items()
        }

    return redact


def _final(redactor: Redactor) -> Processor:
    """Redact the finished line once more: a value may have become text only there."""

    def redact(_logger: WrappedLogger, _method: str, line: str) -> str:
        return redactor.text(line)

    return redact  # type: ignore[return-value]  # the last processor sees the line


_TALKATIVE = ("alembic",)
"""Libraries whose every step is news to nobody who runs this program."""

_MULTILINE = frozenset({"exception", "stack"})
