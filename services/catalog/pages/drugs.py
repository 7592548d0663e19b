"""What the page of a drug's code says of its billing unit and of the codes of its administration."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from services.catalog import answers
from services.catalog.drugs.billing_unit import BillingUnit, billing_unit_of, is_drug
from services.catalog.drugs.measures import MEASURES, like
from services.catalog.pages import hcpcs_record
from services.catalog.pages.parts import Refs, citation_of, statement, table_citation
from services.catalog.pages.payment_tables import table_of
from services.catalog.records import Known

ADMINISTRATION = "administration"


def billing_unit(known: Known) -> answers.BillingUnit | None:
    """One billing unit, by the HCPCS file that shows the code, or by the one that our facts were drawn from."""
    record = known.place.record
    if record.system != "hcpcs":
        return None
    if hcpcs_record.is_source(known):
        unit = billing_unit_of(record.heading) if is_drug(record.code, record.heading) else None
        return _answer(unit, citation_of(known.source)) if unit else None
    stored = (known.facts.code_facts or {}).get("billing_unit")
    table = table_of(known, "hcpcs")
    return _answer(_stored(stored), table_citation(table)) if stored and table else None


def administration(text: Mapping[str, Any], named: Refs) -> Iterator[answers.RelatedCode]:
    """The codes of a drug's administration that our text names."""
    for stored in text.get("related", ()):
        if stored["relation"] == ADMINISTRATION:
            yield answers.RelatedCode(
                code=named.of(stored["system"], stored["code"]),
                relation=ADMINISTRATION,
                note=statement(stored["text"]),
            )


def _stored(body: Mapping[str, Any]) -> BillingUnit:
    return BillingUnit(Decimal(body["amount"]), MEASURES[body["measure"]], bool(body.get("up_to", False)))


def _answer(unit: BillingUnit, source: answers.Citation) -> answers.BillingUnit:
    return answers.BillingUnit(
        amount=f"{unit.amount.normalize():f}",
        measure=unit.measure.id,
        up_to=unit.up_to,
        words=unit.words,
        dose_measures=tuple(measure.id for measure in like(unit.measure)),
        source=source,
    )
