"""Payment indicators of Medicare's tables in words.

Fee schedule: CMS, Physician Fee Schedule Relative Value File documentation (PPRRVU record layout, Attachment A).
HCPCS coverage: CMS, HCPCS record layout. MUE and add-on: CMS, National Correct Coding Initiative.
"""

from collections.abc import Iterator, Mapping

from services.catalog import answers

STATUS = {
    "A": "Active code, paid separately under the fee schedule when covered",
    "B": "Bundled: payment is always part of the payment for other services",
    "C": "Priced by the Medicare contractor, usually case by case",
    "D": "Deleted code",
    "E": "Excluded from the fee schedule by regulation",
    "F": "Deleted or discontinued code, without a grace period",
    "G": "Not valid for Medicare, which uses another code; with a grace period",
    "H": "Deleted modifier",
    "I": "Not valid for Medicare, which uses another code for the service",
    "J": "Anesthesia service, not paid by RVUs",
    "M": "Measurement code, for reporting only",
    "N": "Not covered by Medicare",
    "P": "Bundled or excluded: no separate payment",
    "R": "Restricted coverage: special coverage instructions apply",
    "T": "Paid only when nothing else under the fee schedule is paid to the same provider on the same day",
    "X": "Excluded by statute from physicians' services; paid, if at all, under another schedule",
}
PC_TC = {
    "0": "Physician service: it has no professional and technical components, and modifiers 26 and TC do not apply",
    "1": "Diagnostic test or radiology service with both components: modifiers 26 and TC may be used",
    "2": "Professional component only: modifiers 26 and TC do not apply",
    "3": "Technical component only: modifiers 26 and TC do not apply",
    "4": "Global test only: codes for its components stand beside it, and modifiers 26 and TC do not apply",
    "5": "Incident-to service: not paid to physicians for hospital inpatients or outpatients; 26 and TC do not apply",
    "6": "Laboratory physician interpretation: modifier 26 may be used, TC may not",
    "7": "Physical therapy service: not paid to independent therapists for hospital inpatients or outpatients",
    "8": "Physician interpretation of an abnormal smear for a hospital inpatient: modifier TC does not apply",
    "9": "Professional and technical components do not apply",
}
GLOBAL_DAYS = {
    "000": "Minor procedure: pre- and postoperative care on the day itself is included",
    "010": "Minor procedure: care on the day and the 10 days after it is included",
    "090": "Major procedure: care from one day before to 90 days after is included",
    "MMM": "Maternity code: the usual global period does not apply",
    "XXX": "The global concept does not apply",
    "YYY": "The Medicare contractor sets the global period",
    "ZZZ": "Part of another service: it falls within the global period of that one",
}
MULTIPLE_PROCEDURE = {
    "0": "No reduction for multiple procedures",
    "1": "Reduction for multiple procedures as before 1995",
    "2": "Standard reduction: 100 percent for the highest, 50 percent for those that follow",
    "3": "Reduction for endoscopies of one family: the base endoscopy is paid once",
    "4": "Reduction for several diagnostic images of one session",
    "5": "Reduction of the practice expense for therapy services of one day",
    "6": "Reduction of the technical component for cardiovascular diagnostics of one day",
    "7": "Reduction of the technical component for ophthalmic diagnostics of one day",
    "9": "The concept does not apply",
}
BILATERAL = {
    "0": "The 150 percent adjustment does not apply: modifier 50 brings no additional payment",
    "1": "The 150 percent adjustment applies when done on both sides",
    "2": "Priced as done on both sides already: the adjustment does not apply",
    "3": "Each side is paid in full: the adjustment does not apply",
    "9": "The concept does not apply",
}
ASSISTANT = {
    "0": "Paid only with documentation that shows medical necessity",
    "1": "Not paid: the law restricts payment for assistants here",
    "2": "May be paid",
    "9": "The concept does not apply",
}
CO_SURGEONS = {
    "0": "Not permitted",
    "1": "May be paid with documentation that shows why two were needed",
    "2": "Permitted; no documentation needed when the two are of different specialties",
    "9": "The concept does not apply",
}
TEAM = {
    "0": "Not permitted",
    "1": "May be paid with documentation that shows the need; priced by report",
    "2": "Permitted; priced by report",
    "9": "The concept does not apply",
}
SUPERVISION = {
    "01": "General supervision: the procedure is under the physician's overall direction and control",
    "02": "Direct supervision: the physician must be available at once throughout the procedure",
    "03": "Personal supervision: the physician must be in attendance in the room",
    "04": "General supervision, unless a qualified independent psychologist or a clinical psychologist does it",
    "05": "General supervision, unless a qualified audiologist does it",
    "09": "The concept does not apply",
    "21": "General supervision of a certified technician; direct supervision of anybody else",
    "66": "Done personally by a physician, or by a physical therapist certified by the ABPTS and in the procedure",
    "6A": "As 66; the certified therapist may also supervise another physical therapist, and only the first may bill",
    "77": "Done by a physical therapist certified by the ABPTS, by another one under direct supervision, or, for the "
    "technical component, by a certified technician under general supervision",
    "7A": "As 77; the certified therapist may also supervise another physical therapist, and only the first may bill",
}
IMAGING_FAMILY = {
    "88": "Subject to the reduction for several diagnostic images of one session",
    "99": "The concept does not apply",
}
MODIFIERS = {
    "": "Global service",
    "26": "Professional component",
    "TC": "Technical component",
    "53": "Discontinued procedure",
}
MAI = {
    1: "Line edit: each claim line is compared with the value by itself",
    2: "Date of service edit, by policy: all lines of the day are added, and the value is never overridden",
    3: "Date of service edit, clinical: all lines of the day are added; more may be paid when records show the need",
}
ADD_ON_TYPE = {
    1: "Type 1: paid only with one of the primary codes that CMS lists",
    2: "Type 2: CMS lists no primary codes; the Medicare contractor decides which are acceptable",
    3: "Type 3: CMS lists some primary codes; the Medicare contractor may accept others",
}
HCPCS_COVERAGE = {
    "C": "Coverage is left to the judgment of the Medicare contractor",
    "D": "Special coverage instructions apply",
    "I": "Not payable by Medicare",
    "M": "Not covered by Medicare",
    "S": "Not covered by Medicare, by statute",
}
_FEE_INDICATORS: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("PC/TC", "pctc", PC_TC),
    ("Global days", "global_days", GLOBAL_DAYS),
    ("Multiple procedures", "multiple_procedure", MULTIPLE_PROCEDURE),
    ("Bilateral surgery", "bilateral", BILATERAL),
    ("Assistant at surgery", "assistant", ASSISTANT),
    ("Co-surgeons", "co_surgeons", CO_SURGEONS),
    ("Team surgery", "team", TEAM),
    ("Diagnostic supervision", "supervision", SUPERVISION),
    ("Diagnostic imaging family", "imaging_family", IMAGING_FAMILY),
)
UNEXPLAINED = "A value that is not explained here; the documentation of CMS's file may"


def fee_indicators(row: Mapping[str, str]) -> Iterator[answers.IndicatorInWords]:
    """The indicators of a fee schedule row, each with its value and meaning."""
    for name, field, words in _FEE_INDICATORS:
        value = row.get(field)
        if value:
            yield answers.IndicatorInWords(name=name, value=value, meaning=words.get(value, UNEXPLAINED))
    if base := row.get("endoscopic_base"):
        meaning = f"{base} is the base code of the family of endoscopies that this code belongs to"
        yield answers.IndicatorInWords(name="Endoscopic base code", value=base, meaning=meaning)
