"""A code whose every text is a mark of its own, so that a test can tell from a page what got into it."""

from codingahead.catalog.v1 import catalog_pb2
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message


def mark(message: Message, path: str, marks: dict[str, str], wrap: str = "{}") -> None:
    """Gives every text of a message a unique mark and fills every repeated field with one entry.

    ``marks`` collects mark -> path; ``wrap`` puts hostile characters around each mark.
    """
    for field in message.DESCRIPTOR.fields:
        here = f"{path}.{field.name}"
        if field.message_type is not None:
            if field.message_type.full_name.startswith("google."):
                continue
            part = getattr(message, field.name)
            mark(part.add() if field.is_repeated else part, here, marks, wrap)
        elif field.type == FieldDescriptor.TYPE_STRING:
            text = f"mark{len(marks):04d}x"
            marks[text] = here
            if field.is_repeated:
                getattr(message, field.name).append(wrap.format(text))
            else:
                setattr(message, field.name, wrap.format(text))
        elif field.type == FieldDescriptor.TYPE_BOOL:
            setattr(message, field.name, True)
        elif field.type == FieldDescriptor.TYPE_ENUM and not field.is_repeated:
            setattr(message, field.name, 1)


def marked_code(system: str, wrap: str = "{}") -> tuple[catalog_pb2.Code, dict[str, str]]:
    """A code of a system in which every other text is marked."""
    code = catalog_pb2.Code()
    marks: dict[str, str] = {}
    mark(code, "code", marks, wrap)
    code.system = system
    code.common.paragraphs[0] += " Ends here. Second sentence secondmark."
    return code, marks
