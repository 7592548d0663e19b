"""Forms with files (multipart/form-data, RFC 7578) as they come: a form of any size is never held whole."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TypeAlias

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from shared.errors import InvalidInput

LONGEST_FIELD = 10_000
MOST_PARTS = 120
LONGEST_BOUNDARY = 200


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form, whole."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class FileBegins:
    """A file begins; its bytes follow."""

    field: str
    name: str


@dataclass(frozen=True, slots=True)
class FileBytes:
    """Bytes of the file that has begun."""

    data: bytes


Part: TypeAlias = Field | FileBegins | FileBytes


class FormReader:
    """Reads one form from the pieces in which it comes."""

    def __init__(self, content_type: str) -> None:
        """Take the Content-Type of the request; InvalidInput when it is no form with files."""
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if kind != b"multipart/form-data" or not 1 <= len(boundary) <= LONGEST_BOUNDARY:
            raise InvalidInput("FORM_MALFORMED", "The request is no form with files: send it as multipart/form-data.")
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._data,
                "on_part_end": self._end,
                "on_end": self._whole,
            },
        )
        self._found: list[Part] = []
        self._parts = 0
        self._header = (b"", b"")
        self._disposition = b""
        self._field = ""
        self._value: bytes | None = None
        self._skipped = False
        self.whole = False
        """Whether the form has come to its end."""

    def feed(self, data: bytes) -> list[Part]:
        """Give what a piece brings; InvalidInput when it is no piece of a form."""
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise InvalidInput("FORM_MALFORMED", f"The form is not right: {str(error)[:100]}.") from None
        found, self._found = self._found, []
        return found

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise InvalidInput("FORM_MALFORMED", f"The form has more than {MOST_PARTS} fields and files.")
        self._header, self._disposition = (b"", b""), b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0] + data[start:end], self._header[1])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0], self._header[1] + data[start:end])

    def _header_end(self) -> None:
        if self._header[0].lower() == b"content-disposition":
            self._disposition = self._header[1]
        self._header = (b"", b"")

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._field = _text(options.get(b"name", b""))
        if b"filename" not in options:
            self._value = b""
            return
        self._value = None
        name = _text(options[b"filename"])
        self._skipped = not name  # browsers send a nameless file where none was chosen
        if name:
            self._found.append(FileBegins(self._field, name))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._value is not None:
            self._value += data[start:end]
            if len(self._value) > LONGEST_FIELD:
                raise InvalidInput("FORM_MALFORMED", f"{self._field[:40]}: longer than {LONGEST_FIELD} bytes.")
        elif not self._skipped:
            self._found.append(FileBytes(data[start:end]))

    def _end(self) -> None:
        if self._value is not None:
            self._found.append(Field(self._field, _text(self._value)))

    def _whole(self) -> None:
        self.whole = True


async def parts_of(content_type: str, pieces: AsyncIterator[bytes]) -> AsyncIterator[Part]:
    """Give the parts of a form as they come; InvalidInput when it is not right or does not come whole."""
    reader = FormReader(content_type)
    async for piece in pieces:
        for part in reader.feed(piece):
            yield part
    if not reader.whole:
        raise InvalidInput("FORM_CUT_OFF", "The form did not arrive whole: send it again.")


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise InvalidInput("FORM_MALFORMED", "A name or value of the form is not UTF-8.") from None
