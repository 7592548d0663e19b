"""The settings of the metering service. How much may be read is no setting but policy."""

from pydantic import Field

from shared.settings import KitSettings


class Settings(KitSettings):
    """Read from environment variables that bear the fields' names in capitals, or given as keywords."""

    database_connections: int = Field(default=8, ge=4, le=100, description="Most connections to the database.")
    decisions_per_commit: int = Field(
        default=1024, ge=1, le=10_000, description="Most page views decided in one transaction."
    )
    readings_at_a_time: int = Field(
        default=2, ge=1, le=16, description="Readings of the state, without locks, that run beside each other."
    )
    transaction_seconds: float = Field(
        default=10.0,
        gt=0,
        description="Longest transaction before its callers hear that the database is slow, seconds.",
    )
    guest_retention_days: int = Field(
        default=400,
        ge=31,
        description="Days after its last change until a guest's rows are removed; no browser keeps a cookie longer.",
    )
    request_retention_days: int = Field(
        default=30, ge=1, description="Days for which a repeated request is answered with its first answer."
    )
    retention_seconds: float = Field(
        default=3600.0, gt=0, description="Time between two removals of what is past its retention, seconds."
    )
