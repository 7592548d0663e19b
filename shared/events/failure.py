"""The two ways in which handling an event fails, and the one in which the log does."""

from shared.errors import Unavailable


class PermanentFailure(Exception):
    """The event can never be handled; it goes to the group's dead letters with this reason.

    Every other exception of a handler means: not now. The event is tried again until it succeeds.
    """

    def __init__(self, reason: str) -> None:
        """Take the reason, a sentence for whoever reads the dead letter."""
        super().__init__(reason)
        self.reason = reason


class LogAway(Unavailable):
    """The event log does not answer, or a record was not confirmed in time."""

    def __init__(self, what: str) -> None:
        """Take what was asked of the log, in words."""
        super().__init__("EVENT_LOG_AWAY", f"The event log does not answer: {what}.")


class PartitionLost(Exception):
    """Another member of the group reads this partition now; what was not committed comes to it again."""
