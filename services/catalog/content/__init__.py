"""Our own texts for CPT and HCPCS Level II codes, the facts beside them, and the commands that keep both honest."""

from services.catalog.content.edition import CONTENT_FOLDER
from services.catalog.content.loading import Content, Text, load_content
from services.catalog.content.places import ContentError

__all__ = ["CONTENT_FOLDER", "Content", "ContentError", "Text", "load_content"]
