"""The settings of the catalog service, besides those of the kit."""

import tempfile
from pathlib import Path

from pydantic import Field

from shared.settings import KitSettings


class Settings(KitSettings):
    """Read from environment variables that bear the fields' names in capitals, or given as keywords."""

    database_connections: int = Field(default=8, ge=2, le=100, description="Most connections to the database.")
    uploads_folder: Path | None = Field(
        default=None,
        description="Folder for files that operators upload, until they are imported; one below the folder for"
        " temporary files when not set.",
    )
    largest_upload_mb: int = Field(default=256, ge=1, description="Largest upload of files to import, in MiB.")
    uploads_mb: int = Field(default=2048, ge=1, description="Largest size of all uploads that are kept, in MiB.")

    @property
    def uploads(self) -> Path:
        """The folder of uploads."""
        return self.uploads_folder or Path(tempfile.gettempdir()) / "codingahead-uploads"
