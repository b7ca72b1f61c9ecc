"""Protobuf's wire format: the fields of a message, each within the bytes that are there. Nothing is copied.

    message   field…
    field     varint (number << 3 | form), then by its form
              0  a varint         1  eight bytes
              2  a varint, then that many bytes: a text, bytes, a message, numbers in a row
              5  four bytes
              3 and 4 were groups, which nobody writes any more
    varint    seven bits a byte, the lowest first; the eighth says that another follows, and there are ten at most

A field that is there twice is legal, and readers could disagree about it: the parts of a message are joined, of
anything else the last one counts. Fields of numbers that are not known are left out, as newer versions have more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wftools.weights.faults import Doubt, ModelFileError

if TYPE_CHECKING:
    import mmap
    from collections.abc import Iterator, Sequence

MAX_FIELDS: Final = 2**21  # of one file: those of the largest networks have some 300,000

_VARINT_BYTES: Final = 10
_CONTINUED: Final = 0x80

VARINT, EIGHT_BYTES, BYTES, FOUR_BYTES = 0, 1, 2, 5
_CHUNK: Final = 2**20  # bytes that are looked at together
_CONTINUING: Final = bytes(range(_CONTINUED, 256))
_FIXED: Final = {EIGHT_BYTES: 8, FOUR_BYTES: 4}

Span = tuple[int, int]  # where bytes start in the file, and where they stop


@dataclass(frozen=True, slots=True)
class Kind:
    """A field that is known: its name, and which forms it may have."""

    name: str
    form: int
    is_repeated: bool = False
    is_message: bool = False


Schema = dict[int, Kind]


@dataclass(slots=True)
class Message:
    """The fields of one message that are known, by name: numbers of varints, spans of all else, as they stand."""

    start: int
    _found: dict[str, list[int | Span]]
    _wire: Wire

    def number(self, name: str, otherwise: int = 0) -> int:
        """A whole number, signed; the last one counts."""
        found = self._found.get(name)
        return otherwise if not found else _signed(_number(found[-1]))

    def numbers(self, name: str, most: int) -> list[int]:
        """Whole numbers, signed, one by one or in a row. Raises ModelFileError for more than so many."""
        numbers: list[int] = []
        for value in self._found.get(name, ()):
            if isinstance(value, int):
                numbers.append(_signed(value))
                continue
            at, stop = value
            while at < stop and len(numbers) <= most:
                number, at = self._wire.varint(at, stop)
                numbers.append(_signed(number))
        if len(numbers) > most:
            raise ModelFileError("TOO_LARGE", f"{name} has more than {most:,} numbers", offset=self.start)
        return numbers

    def has(self, name: str) -> bool:
        """Whether a field is there."""
        return name in self._found

    def span(self, name: str) -> Span | None:
        """The bytes of a field; the last one counts."""
        found = self._found.get(name)
        return _span(found[-1]) if found else None

    def spans(self, name: str) -> list[Span]:
        """The bytes of each."""
        return [_span(each) for each in self._found.get(name, ()) if not isinstance(each, int)]

    def values(self, name: str) -> Sequence[int | Span]:
        """As they stand."""
        return self._found.get(name, ())

    def text(self, name: str) -> str:
        """A text; empty if it is not there."""
        span = self.span(name)
        return "" if span is None else self._wire.text(span)

    def texts(self, name: str) -> list[str]:
        """Each text."""
        return [self._wire.text(span) for span in self.spans(name)]

    def message(self, name: str, schema: Schema) -> Message | None:
        """A message, the parts of one that is there several times being joined."""
        spans = self.spans(name)
        return self._wire.message(spans, schema) if spans else None

    def messages(self, name: str, schema: Schema) -> Iterator[Message]:
        """Each message."""
        return (self._wire.message([span], schema) for span in self.spans(name))


@dataclass(slots=True)
class Wire:
    """The bytes of a file, how many fields may still be read, and what was found that readers could disagree about."""

    data: bytes | mmap.mmap
    fields_left: int = MAX_FIELDS
    doubts: dict[tuple[str, str], Doubt] = field(default_factory=dict)  # one of a kind

    def message(self, spans: Sequence[Span], schema: Schema) -> Message:
        """The known fields of a message, which may be in parts. Raises ModelFileError for what is none."""
        found: dict[str, list[int | Span]] = {}
        for start, stop in spans:
            for number, form, value, at in self.fields(start, stop):
                kind = schema.get(number)
                if kind is None:
                    continue
                if form != kind.form and not (kind.is_repeated and form == BYTES):
                    raise _broken(f"the field {kind.name} has the form {form}, expected {kind.form}", at)
                if not kind.is_repeated and kind.name in found:
                    self.doubt(
                        "ONNX_MERGED",
                        kind.name,
                        f"{kind.name} is there more than once: "
                        + ("its parts are joined" if kind.is_message else "the last one counts"),
                        at,
                    )
                found.setdefault(kind.name, []).append(value)
        return Message(spans[0][0] if spans else 0, found, self)

    def fields(self, start: int, stop: int) -> Iterator[tuple[int, int, int | Span, int]]:
        """Number, form, value and place of each field: a varint's number, the span of any other."""
        at = start
        while at < stop:
            self.fields_left -= 1
            if self.fields_left < 0:
                raise ModelFileError("TOO_LARGE", f"the file has more than {MAX_FIELDS:,} fields", offset=at)
            begun = at
            tag, at = self.varint(at, stop)
            number, form = tag >> 3, tag & 7
            if not 0 < number < 2**29:
                raise _broken("there is no field of this number", begun)
            value: int | Span
            if form == VARINT:
                value, at = self.varint(at, stop)
            elif form == BYTES:
                length, at = self.varint(at, stop)
                value = (at, at + length)
                at += length
            elif form in _FIXED:
                value = (at, at + _FIXED[form])
                at += _FIXED[form]
            else:
                raise _broken(f"a field has the form {form}, which nobody writes", begun)
            if at > stop:
                raise _broken(f"a field reaches {at - stop:,} bytes beyond its end", begun)
            yield number, form, value, begun

    def varint(self, at: int, stop: int) -> tuple[int, int]:
        """A number, and where what follows it starts."""
        number = 0
        for index in range(min(_VARINT_BYTES, stop - at)):
            byte = self.data[at + index]
            number |= (byte & 0x7F) << (7 * index)
            if byte < _CONTINUED:
                return number & (2**64 - 1), at + index + 1
        raise _broken("a number does not end", at)

    def text(self, span: Span) -> str:
        """A text. One that is not UTF-8 is doubted, and its bytes are written out."""
        content = self.data[slice(*span)]
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            self.doubt("BAD_UTF8", "", "a text is not UTF-8", span[0])
            return content.decode("utf-8", errors="backslashreplace")

    def count_varints(self, span: Span) -> int:
        """How many numbers stand in a row."""
        start, stop = span
        if start < stop and self.data[stop - 1] >= _CONTINUED:
            raise _broken("a number does not end", stop - 1)
        return sum(
            len(self.data[at : min(at + _CHUNK, stop)].translate(None, _CONTINUING))
            for at in range(start, stop, _CHUNK)
        )

    def doubt(self, code: str, about: str, message: str, offset: int) -> None:
        """Note what need not be a fault, the first of its kind."""
        self.doubts.setdefault((code, about), Doubt(code, message, offset))


def _broken(message: str, offset: int) -> ModelFileError:
    return ModelFileError("ONNX_SYNTAX", message, offset=offset, hint="download or save the file again")


def _signed(number: int) -> int:
    return number - 2**64 if number >= 2**63 else number


def _number(value: int | Span) -> int:
    assert isinstance(value, int)  # the form was checked
    return value


def _span(value: int | Span) -> Span:
    assert isinstance(value, tuple)
    return value
