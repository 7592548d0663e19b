"""What charts write around a complaint: who has it, how it was told, since when. No code is told apart by these."""

from __future__ import annotations

import re

_AGE = r"\d{1,3}\s*(?:-\s*)?(?:yo|y/o|y\.o\.|yrs?\s+old|years?[\s-]old|m/o|mo[\s-]old|months?[\s-]old)\b"
_SEX = r"(?:\s*(?:m|f|male|female|man|woman|boy|girl|child|infant|pt|patient)\b)?"
_TELLS = (
    r"(?:(?:is\s+)?here\s+(?:today\s+)?(?:for|with|to)|(?:is\s+)?seen\s+(?:today\s+)?for"
    r"|(?:presents?|presented|presenting)\s+(?:today\s+)?(?:with|for|to)|comes?\s+in\s+(?:with|for)|came\s+in\s+(?:with|for)"
    r"|c/o|complain(?:s|ed|ing)\s+of|complaints?\s+of|chief\s+complaint\s*(?:of|:)?|cc\s*:|reports|states|wants|requests|requesting|due\s+for|w/|with)"
)
_DID = r"(?:[a-z]{3,}(?:ed|ing)|fell|hurts?|cuts?|broke|got|can'?t|cannot|could\s*n[o']t)\b"
"""What a patient did or does: pt passed out."""
_BEFORE = re.compile(
    rf"^\s*(?:{_AGE}{_SEX}[\s,:]*(?:{_TELLS}\s*)?|(?:the\s+)?(?:pt|patient)\s+(?:(?:{_TELLS}|(?:is|was|has|had|feels)\b)\s*|(?={_DID}))|(?!w/|with\b){_TELLS}\s*)(?=\S)",
    re.I,
)
_SINCE = re.compile(
    r"[\s,]+(?:(?:x|times|for|over|since)\s*(?:the\s+)?(?:past\s+|last\s+)?(?:about\s+|~\s*)?"
    r"(?:\d+|one|two|three|four|five|six|seven|few|several|couple(?:\s+of)?)\s*\+?\s*(?:-\s*\d+\s*)?"
    r"(?:d|days?|wks?|weeks?|mos?|months?|hrs?|hours?|nights?)(?:\s+ago)?"
    r"|(?:in|since)\s+(?:19|20)\d\d|today|since\s+(?:yesterday|this\s+morning|last\s+(?:night|week|month))|\d+\s+(?:days|weeks|months)\s+ago)\s*(?=$|[,;.])",
    re.I,
)
"""How long: x 3 days, for 2 weeks, since yesterday."""
_GOES_ON = re.compile(
    r"(?:[\s,]+(?:(?:that\s+)?(?:won'?t|will\s+not|does\s*n'?o?t)\s+(?:stop|go\s+away|heal|improve|get\s+better)"
    r"|(?:is\s+)?(?:getting|gotten|got)\s+worse|not\s+(?:getting\s+better|improving)|on\s+and\s+off|off\s+and\s+on"
    r"|(?:well[\s-]+)?controlled|uncontrolled|stable|needs?\s+(?:med\w*\s+)?refills?|(?:med\w*\s+)?refills?))+\s*$",
    re.I,
)
"""How it goes on: won't stop, getting worse, well controlled; and what it needs: needs refill."""
_VITALS = re.compile(
    r"[\s,;]+(?:(?:bp|b/p)\s*(?:of|is|was|:)?\s*\d{2,3}\s*/\s*\d{2,3}|(?:(?:sp)?o2\s*sats?|spo2|sats?)\s*(?:of|is|was|:)?\s*\d{2,3}\s*%?"
    r"|temp\s*(?:of|is|was|:)?\s*\d{2,3}(?:\.\d)?(?:\s*f)?|hr\s*(?:of|is|was|:)?\s*\d{2,3})(?=$|[\s,;.])",
    re.I,
)
"""What was measured at the visit: BP 220/120, sats 88%."""
_VISIT = re.compile(r"[\s,]+(?:f/u|follow[\s-]?up|fup|recheck|re-?eval\w*|mgmt|management|sx|symptoms?|s/s)\s*$", re.I)


def complaint_of(text: str) -> str:
    """A text without what stands around the complaint; as it is where nothing else is said."""
    inner = _BEFORE.sub("", text, count=1)
    for beside in (_SINCE, _GOES_ON, _VITALS):
        inner = beside.sub("", inner)
    return inner if re.search(r"[^\W\d_]{2}", inner) else text


def without_visit(text: str) -> str:
    """A text without what the visit is for or the complaint is called: HTN f/u, UTI sx; empty where nothing is left."""
    inner = _VISIT.sub("", text.rstrip())
    return inner if inner != text.rstrip() and re.search(r"[^\W\d_]{2}", inner) else ""
