"""A file, or a sheet, that is not read at all."""

from __future__ import annotations


class LineListRefused(Exception):
    """The file can't be imported. Shape: `code` of `messages.REFUSALS`, `params` for its sentence."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params
