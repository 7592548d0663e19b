"""The settings of the catalog service; everything it needs is in the kit's settings today."""

from pydantic import Field

from shared.settings import KitSettings


class Settings(KitSettings):
    """Read from environment variables that bear the fields' names in capitals, or given as keywords."""

    database_connections: int = Field(default=8, ge=2, le=100, description="Most connections to the database.")
