"""Read what should be UTF-8, and say where it is not in words that people can act upon."""

import io


class NotUtf8(ValueError):
    """Some text is not UTF-8; the message names the line."""

    def __init__(self, line: int, byte: int) -> None:
        """Take the line, counted from 1, and the first byte that is wrong."""
        super().__init__(f"line {line} is not UTF-8, it has the byte 0x{byte:02X}")
        self.line = line


def decoded(content: bytes) -> str:
    """Decode UTF-8, with or without a mark, and settle line ends; raises NotUtf8."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise NotUtf8(line, error.object[error.start]) from error
    return io.IncrementalNewlineDecoder(None, translate=True).decode(text, final=True)
