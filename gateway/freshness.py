"""Keeps what the gateway remembers true: it hears catalog's and metering's events and forgets what they change."""

from codingahead.catalog.v1 import events_pb2 as catalog_events
from codingahead.metering.v1 import events_pb2 as metering_events

from gateway.meter.decision import TIERS
from gateway.meter.memory import Heard
from gateway.meter.policy import Policies
from gateway.pages import PageMemory
from shared.errors import Unavailable
from shared.events.event import Event

RELEASE = "catalog.release-published"
CODE = "catalog.code-changed"
PLAN = "metering.plan-changed"
POLICY = "metering.policy-changed"
TOPICS = (RELEASE, CODE, PLAN, POLICY)


class Freshness:
    """Forgets on events."""

    def __init__(self, pages: PageMemory, heard: Heard, policies: Policies) -> None:
        """Take what has to be kept true."""
        self._pages = pages
        self._heard = heard
        self._policies = policies

    async def hear(self, event: Event) -> None:
        """Forget what an event changes."""
        if event.topic == RELEASE:
            catalog_events.ReleasePublished.FromString(event.payload)
            self._pages.drop_all()  # a release may change what any page says of its neighbours
        elif event.topic == CODE:
            changed = catalog_events.CodeChanged.FromString(event.payload)
            self._pages.drop(changed.system, changed.code)
        elif event.topic == PLAN:
            plan = metering_events.PlanChanged.FromString(event.payload)
            self._heard.forget(plan.principal, TIERS[plan.after])
        elif event.topic == POLICY:
            await self._policies.refresh()

    async def reset(self) -> None:
        """Forget everything that events may have changed unheard."""
        self._pages.drop_all()
        self._heard.forget_all()
        try:
            await self._policies.refresh()
        except Unavailable:
            return  # decisions name the version they were made by, and it is fetched then
