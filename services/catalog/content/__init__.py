"""Our own texts for CPT and HCPCS Level II codes, the facts beside them, and the commands that keep both honest."""

from services.catalog.content.loading import CONTENT_FOLDER, Content, ContentError, Text, load_content

__all__ = ["CONTENT_FOLDER", "Content", "ContentError", "Text", "load_content"]
