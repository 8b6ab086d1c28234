"""How a simulation says that a promise was not kept."""

from __future__ import annotations


class Broken(BaseException):
    """A promise that was not kept; no code under test can catch it by accident."""

    def __init__(self, promise: str, text: str) -> None:
        super().__init__(f"{promise}: {text}")
        self.promise = promise
