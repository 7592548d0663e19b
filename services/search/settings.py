"""The settings of the search service."""

from pathlib import Path

from pydantic import Field

from shared.settings import KitSettings


class Settings(KitSettings):
    """Read from environment variables that bear the fields' names in capitals, or given as keywords."""

    database_connections: int = Field(default=6, ge=3, le=100, description="Most connections to the database.")
    catalog_target: str = Field(description="gRPC address of catalog, from whose export the index is built.")
    internal_token_key_file: Path = Field(
        description="Private key set (JWKS) that signs the internal token by which search asks catalog."
    )
    search_engine_url: str = Field(
        description="The engine that finds words, and where its index lies: tantivy:///folder, one process a folder; or"
        " Elasticsearch at http://host:9200/alias or https://user:password@host:9200/alias?cafile=ca.pem."
    )
    search_table_folder: Path = Field(
        description="Folder in which the table of codes is kept, so that a later start answers at once; one process a"
        " folder, and not the engine's."
    )
