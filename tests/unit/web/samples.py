"""Code pages for the tests of the site: one procedure, one drug code, a diagnosis header and a billable diagnosis.

The CPT texts are invented in our own words; the ICD-10-CM texts are public domain.
"""

from codingahead.catalog.v1 import catalog_pb2 as c
from google.type import date_pb2

OURS = c.TEXT_ORIGIN_OURS
OFFICIAL = c.TEXT_ORIGIN_OFFICIAL

PROCESSING_MANUAL = c.Citation(
    title="Medicare Claims Processing Manual",
    locator="ch. 12, section 30.5",
    edition="2024-07",
    publisher="CMS",
    url="https://www.cms.gov/regulations-and-guidance/guidance/manuals/internet-only-manuals-ioms",
)
NCCI_MANUAL = c.Citation(
    title="NCCI Policy Manual for Medicare", locator="ch. XI, section B", edition="2026", publisher="CMS"
)

TABULAR = c.DataRelease(
    release_id="r1",
    kind="icd10cm-tabular",
    title="ICD-10-CM Tabular List",
    edition="April 2026",
    effective_from=date_pb2.Date(year=2026, month=4, day=1),
    effective_to=date_pb2.Date(year=2026, month=9, day=30),
    current=False,
    publisher="NCHS",
)
TEXTS = c.DataRelease(
    release_id="r2",
    kind="house",
    title="Coding Ahead descriptions",
    edition="2026-11",
    effective_from=date_pb2.Date(year=2026, month=11, day=1),
    current=True,
    publisher="Coding Ahead",
)
FEES = c.DataRelease(
    release_id="r3",
    kind="pfs-rvu",
    title="Physician Fee Schedule relative values",
    edition="July 2024",
    effective_from=date_pb2.Date(year=2024, month=7, day=1),
    effective_to=date_pb2.Date(year=2024, month=9, day=30),
    current=False,
    publisher="CMS",
)


def cpt(code: str, name: str, origin: c.TextOrigin.ValueType = OURS) -> c.CodeRef:
    """A CPT code as it is named in lists."""
    heading = c.Heading(text=name, origin=origin)
    return c.CodeRef(system="cpt", code=code, display_code=code, heading=heading, reportable=True, has_page=True)


def icd(display: str, name: str, *, reportable: bool = True, has_children: bool = False) -> c.CodeRef:
    """An ICD-10-CM code as it is named in lists."""
    return c.CodeRef(
        system="icd10cm",
        code=display.replace(".", ""),
        display_code=display,
        heading=c.Heading(text=name, origin=OFFICIAL),
        reportable=reportable,
        has_children=has_children,
        has_page=True,
    )


INFUSION_MORE = cpt("96366", "A further hour of the same therapeutic infusion")
INFUSION_NEXT = cpt("96367", "A second drug infused after the first")
PUSH = cpt("96374", "A single drug pushed into a vein")


def infusion() -> c.Code:
    """A procedure page with every section filled."""
    return c.Code(
        system="cpt",
        code="96365",
        display_code="96365",
        heading=c.Heading(text="First hour of a therapeutic infusion into a vein", origin=OURS),
        kind="code",
        reportable=True,
        ancestors=[
            c.CodeRef(
                system="cpt",
                code="drug-administration",
                display_code="Drug administration",
                heading=c.Heading(text="Drug administration", origin=OURS),
                has_children=True,
                has_page=False,
            )
        ],
        previous=cpt("96361", "A further hour of hydration"),
        next=INFUSION_MORE,
        releases=[TEXTS, FEES],
        official=c.OfficialSection(
            absence=(
                "The official CPT description is not shown: the operator of this site has loaded no licensed CPT file."
            ),
            licence="ama-cpt",
        ),
        common=c.CommonSection(
            paragraphs=[
                (
                    "A nurse or physician runs a drug into a vein over time, for treatment, prevention or diagnosis, "
                    "and this code reports the first hour of it. The bag holds a medicine rather than plain fluid, and "
                    "the patient is watched while it runs. One such code opens an encounter; what follows by the "
                    "same line is reported with the codes for further hours or for a second drug."
                )
            ],
            label="Our summary, not the CPT descriptor",
        ),
        guidelines=c.GuidelinesSection(
            report_when=[
                c.Statement(
                    text="A therapeutic drug runs into a vein for at least 16 minutes.", citations=[PROCESSING_MANUAL]
                ),
                c.Statement(text="It is the service for which the patient came, or the highest in the hierarchy."),
            ],
            do_not_report=[
                c.Statement(
                    text="The infusion runs 15 minutes or less; it is then a push.",
                    citations=[PROCESSING_MANUAL, NCCI_MANUAL],
                )
            ],
        ),
        documentation=c.DocumentationSection(
            requirements=[
                c.Statement(text="Start and stop time of each infusion.", citations=[PROCESSING_MANUAL]),
                c.Statement(text="Drug, dose, route and access site."),
            ]
        ),
        billing=c.BillingSection(
            guidance=[
                c.Statement(
                    text="One unit for each encounter, unless the record shows a second site that was needed.",
                    citations=[NCCI_MANUAL],
                )
            ],
            modifiers=[
                c.ModifierUse(modifier="59", use=c.Statement(text="For a second, separate venous access.")),
                c.ModifierUse(modifier="25", use=c.Statement(text="On a distinct visit of the same day.")),
            ],
            reportable="This code may be reported.",
        ),
        edits=c.EditsSection(
            ptp=[
                c.PtpEdit(
                    setting=c.SETTING_PRACTITIONER,
                    column_1=cpt("96365", "First hour of a therapeutic infusion"),
                    column_2=cpt(str(number), "A neighbour"),
                    modifier_indicator=str(number % 2),
                    rationale="Standards of medical / surgical practice",
                )
                for number in range(96366, 96380)
            ],
            mue=[
                c.MueValue(
                    setting=c.SETTING_PRACTITIONER,
                    units=1,
                    mai=3,
                    mai_meaning="Date of service edit: clinical; may be paid on records",
                    rationale="Clinical: data",
                ),
                c.MueValue(
                    setting=c.SETTING_OUTPATIENT,
                    units=2,
                    mai=3,
                    mai_meaning="Date of service edit: clinical; may be paid on records",
                    rationale="Clinical: data",
                ),
            ],
            add_on=[
                c.AddOnRelation(
                    add_on=INFUSION_MORE,
                    primary=cpt("96365", "First hour of a therapeutic infusion"),
                    type=1,
                    type_meaning="the listed primary code must be on the claim",
                )
            ],
            scope=[
                c.Statement(
                    text="Edits among the codes that are loaded here. No row does not mean that no edit exists."
                )
            ],
        ),
        fees=c.FeesSection(
            rows=[
                c.FeeRow(
                    modifier="",
                    modifier_meaning="Global service",
                    status="A",
                    status_meaning="active, paid separately",
                    work_rvu="0.21",
                    non_facility_pe_rvu="1.69",
                    malpractice_rvu="0.05",
                    non_facility_total="1.95",
                    indicators=[
                        c.IndicatorInWords(
                            name="Global days", value="XXX", meaning="The global concept does not apply."
                        ),
                        c.IndicatorInWords(name="PC/TC", value="5", meaning="Incident-to code."),
                    ],
                )
            ],
            notes=[c.Statement(text="Relative values of July 2024; no amount is shown as today's.")],
        ),
        crosswalks=c.CrosswalksSection(
            related=[
                c.RelatedCode(
                    code=INFUSION_MORE,
                    relation="add-on",
                    note=c.Statement(
                        text="For every hour after the first that runs more than 30 minutes.",
                        citations=[PROCESSING_MANUAL],
                    ),
                ),
                c.RelatedCode(code=INFUSION_NEXT, relation="add-on", note=c.Statement(text="For another drug.")),
                c.RelatedCode(code=PUSH, relation="alternative", note=c.Statement(text="For 15 minutes or less.")),
            ]
        ),
        coverage=c.CoverageSection(
            coverage=[
                c.Statement(text="Covered when the drug is reasonable and necessary.", citations=[PROCESSING_MANUAL])
            ],
            history=[
                c.HistoryEvent(
                    date=date_pb2.Date(year=2009, month=1, day=1), event=c.Statement(text="In the tables since then.")
                )
            ],
        ),
        revision="rev-96365",
    )


def diabetes() -> c.Code:
    """A diagnosis header with notes of its own and inherited, and codes below."""
    chapter = icd("4", "Endocrine, nutritional and metabolic diseases (E00-E89)", reportable=False, has_children=True)
    block = icd("E08-E13", "Diabetes mellitus (E08-E13)", reportable=False, has_children=True)
    children = [
        icd("E11.0", "Type 2 diabetes mellitus with hyperosmolarity", reportable=False, has_children=True),
        icd("E11.2", "Type 2 diabetes mellitus with kidney complications", reportable=False, has_children=True),
        icd("E11.8", "Type 2 diabetes mellitus with unspecified complications"),
        icd("E11.9", "Type 2 diabetes mellitus without complications"),
    ]
    return c.Code(
        system="icd10cm",
        code="E11",
        display_code="E11",
        heading=c.Heading(text="Type 2 diabetes mellitus", origin=OFFICIAL),
        kind="category",
        reportable=False,
        ancestors=[chapter, block],
        children=children,
        previous=icd("E10", "Type 1 diabetes mellitus", reportable=False, has_children=True),
        next=icd("E13", "Other specified diabetes mellitus", reportable=False, has_children=True),
        releases=[TABULAR],
        official=c.OfficialSection(text="Type 2 diabetes mellitus"),
        common=c.CommonSection(absence="There is no description in common language for this code yet."),
        guidelines=c.GuidelinesSection(
            tabular_notes=[
                c.TabularNotes(
                    kind=c.TABULAR_NOTE_KIND_INCLUDES,
                    notes=[
                        c.TabularNote(text="diabetes NOS"),
                        c.TabularNote(text="insulin resistant diabetes (mellitus)"),
                    ],
                ),
                c.TabularNotes(
                    kind=c.TABULAR_NOTE_KIND_USE_ADDITIONAL,
                    notes=[
                        c.TabularNote(
                            text="code to identify control using: insulin (Z79.4)",
                            codes=[icd("Z79.4", "Long term (current) use of insulin")],
                        )
                    ],
                ),
                c.TabularNotes(
                    kind=c.TABULAR_NOTE_KIND_EXCLUDES1,
                    notes=[
                        c.TabularNote(
                            text="gestational diabetes (O24.4-)",
                            codes=[icd("O24.4", "Gestational diabetes mellitus", reportable=False)],
                        ),
                        c.TabularNote(
                            text="type 1 diabetes mellitus (E10.-)",
                            codes=[icd("E10", "Type 1 diabetes mellitus", reportable=False)],
                        ),
                    ],
                ),
                c.TabularNotes(
                    kind=c.TABULAR_NOTE_KIND_EXCLUDES1,
                    notes=[
                        c.TabularNote(text="transitory endocrine and metabolic disorders specific to newborn (P70-P74)")
                    ],
                    inherited_from=chapter,
                ),
            ],
        ),
        documentation=c.DocumentationSection(requirements=[c.Statement(text="Type and complications.")]),
        billing=c.BillingSection(
            reportable="E11 is a category and may not be reported itself: choose one of the billable codes below it.",
            reportable_codes=children[2:],
            reportable_codes_total=68,
        ),
        fees=c.FeesSection(
            hcc=[
                c.HccCategory(
                    model="CMS-HCC V28",
                    category="38",
                    label="Diabetes with Glycemic, Unspecified, or No Complications",
                    payment_year=2026,
                )
            ]
        ),
        revision="rev-E11",
    )


def fracture() -> c.Code:
    """A billable diagnosis that a seventh character completes."""
    category = icd("S52", "Fracture of forearm", reportable=False, has_children=True)
    code = diabetes()
    code.code, code.display_code, code.revision = "S52521A", "S52.521A", "rev-S52521A"
    code.heading.text = "Torus fracture of lower end of right radius, initial encounter for closed fracture"
    code.official.text = code.heading.text
    code.kind, code.reportable = "code", True
    del code.children[:]
    del code.guidelines.tabular_notes[:]
    code.guidelines.seventh_characters.CopyFrom(
        c.SeventhCharacters(
            characters=[
                c.CharacterMeaning(character="A", meaning="initial encounter for closed fracture"),
                c.CharacterMeaning(character="D", meaning="subsequent encounter for fracture with routine healing"),
            ],
            inherited_from=category,
        )
    )
    code.billing.CopyFrom(c.BillingSection(reportable="This code may be reported."))
    return code
