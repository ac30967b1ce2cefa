"""What the page says instead of an answer."""


class TroubleError(Exception):
    """A request is not answered as asked; ``key`` is the sentence in the table of words."""

    def __init__(self, status: int, key: str) -> None:
        super().__init__(status, key)
        self.status = status
        self.key = key
