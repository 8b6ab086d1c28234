"""Logging: structured lines on stderr in which no secret ever shows.

One chain serves structlog and the standard library, so that what a vendor's client
logs passes the same redaction. Only the command line sets logging up; every other
room calls `structlog.get_logger` and nothing of this one. Answers go to stdout and
never through here.
"""

from gatekeeper.log.redaction import Redactor
from gatekeeper.log.setup import set_up_logging

__all__ = ["Redactor", "set_up_logging"]
