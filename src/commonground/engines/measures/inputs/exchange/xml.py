"""Records of a large XML file one by one, from a stream: entities and document types are refused, so is endless nesting.

A document type can define entities that double each other until the memory is full; files of the Ed-Fi standard have none.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

_PIECE = 256 * 2**10
_MOST_TEXT = 2**20
_DEEPEST = 40


class RefusedXmlError(ValueError):
    """The XML is broken, defines entities, or is nested too deep; `line` says where."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


@dataclass(slots=True)
class Record:
    """One child of the root: its name, its `id`, the line it begins in, and the texts below it by path."""

    name: str
    id: str
    line: int
    texts: dict[str, list[str]] = field(default_factory=dict)

    def all(self, ending: str) -> list[str]:
        """The texts of every path that ends so: `all("StudentUniqueId")`."""
        wanted = f"/{ending}"
        return [text for path, texts in self.texts.items() if f"/{path}".endswith(wanted) for text in texts]

    def first(self, ending: str) -> str:
        return next(iter(self.all(ending)), "")


class _Builder:
    """Handlers of the parser. Texts are kept for one record at a time."""

    def __init__(self, parser: expat.XMLParserType) -> None:
        self.done: list[Record] = []
        self._parser = parser
        self._record: Record | None = None
        self._path: list[str] = []
        self._text: list[str] = []
        self._size = 0
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        parser.StartDoctypeDeclHandler = self.refuse
        parser.EntityDeclHandler = self.refuse

    def refuse(self, *_: object) -> None:
        raise RefusedXmlError(self._parser.CurrentLineNumber)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name.rpartition(":")[2])
        self._text = []
        if len(self._path) > _DEEPEST:
            self.refuse()
        if len(self._path) == 2:
            self._record, self._size = (
                Record(self._path[1], attributes.get("id", ""), self._parser.CurrentLineNumber),
                0,
            )
        elif self._record is not None and "ref" in attributes:
            self._keep(attributes["ref"])

    def end(self, _: str) -> None:
        said = "".join(self._text).strip()
        if said and self._record is not None and len(self._path) > 2:
            self._keep(said)
        self._text = []
        self._path.pop()
        if len(self._path) == 1 and self._record is not None:
            self.done.append(self._record)
            self._record = None

    def text(self, piece: str) -> None:
        self._size += len(piece)
        if self._size > _MOST_TEXT:
            self.refuse()
        self._text.append(piece)

    def _keep(self, text: str) -> None:
        assert self._record is not None
        self._record.texts.setdefault("/".join(self._path[2:]), []).append(text)


def records(file: IO[bytes]) -> Iterator[Record]:
    """The children of the root element, in their order.

    Raises:
        RefusedXmlError: see the class.
    """
    parser = expat.ParserCreate()
    builder = _Builder(parser)
    try:
        while piece := file.read(_PIECE):
            parser.Parse(piece, False)
            yield from builder.done
            builder.done.clear()
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise RefusedXmlError(error.lineno) from None
    yield from builder.done
