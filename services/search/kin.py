"""Which words are near enough to stand for each other: derived forms of one stem, and organs with their adjectives.

"Renal" finds kidneys and "tuberculous" finds tuberculosis, below what bears the word itself. Abbreviations, lay terms
and brands are no kin: they have sources of their own, in the lexicon.
"""

import re

SUFFIXES = (
    "izations", "ization", "ations", "ational", "ation", "atory", "ative", "ating", "ated", "ates", "ate",
    "ectomy",
    "itions", "ition", "ions", "ional", "ion", "ings", "ing", "ities", "ity", "ous", "oses", "osis", "otic",
    "ysis",
    "ytic", "emic", "emia", "ical", "ially", "ial", "eal", "ian", "ean", "ary", "ery", "ory", "ally", "ably",
    "able", "al",
    "ar", "ic", "ies", "iness", "ness", "ment", "ive", "ize", "ized", "ance", "ant", "ence", "ent", "ency",
    "ancy", "tic",
    "sis", "ure", "ured", "us", "um", "is", "ia", "es", "ed", "er", "or", "ly", "y", "e", "a", "o", "s",
)  # fmt: skip
_BY_LENGTH = tuple(sorted(SUFFIXES, key=len, reverse=True))
SHORTEST_STEM = 4
_KEPT = re.compile(r"(itis|oma|ectomy|otomy|ostomy|oscopy|plasty|pathy|algia|uria|penia|megaly)$")
"""Endings that name a condition or an act of their own: gastritis is not gastric, and nephrectomy not nephritis."""

ORGANS = (
    "abdomen abdominal", "adrenal suprarenal", "anus anal", "aorta aortic", "appendix appendiceal appendicular",
    "arm brachial", "artery arterial arteriosus", "axilla axillary armpit", "back dorsal dorsum", "bile biliary",
    "bladder vesical vesico", "blood hematologic sanguineous", "bone osseous bony",
    "bowel intestine intestinal enteric",
    "brain cerebral encephalic intracerebral", "breast mammary", "bronchus bronchial", "buttock gluteal",
    "cartilage cartilaginous", "cecum cecal", "cervix cervical", "chest thorax thoracic", "colon colonic",
    "conjunctiva conjunctival", "cornea corneal", "duodenum duodenal", "ear aural otic auricular", "elbow cubital",
    "epididymis epididymal", "esophagus esophageal", "eye ocular ophthalmic", "eyelid palpebral lid", "face facial",
    "fallopian oviduct tubal", "femur femoral", "fetus fetal", "finger digit digital", "foot pedal plantar",
    "gallbladder cholecystic",
    "gingiva gingival gum", "groin inguinal", "hair pilar", "hand palmar", "head cephalic", "heart cardiac cardial",
    "ileum ileal", "infant newborn neonatal perinatal", "intestine intestinal bowel", "jaw mandible mandibular maxilla",
    "jejunum jejunal", "joint articular", "kidney renal nephritic", "knee patellar", "larynx laryngeal", "leg crural",
    "ligament ligamentous", "lip labial", "liver hepatic", "lung pulmonary", "lymph lymphatic lymphoid",
    "mediastinum mediastinal", "meninx meningeal", "mouth oral buccal", "muscle muscular", "nail ungual",
    "neck cervical",
    "nerve neural", "nose nasal", "ovary ovarian", "palate palatal", "pancreas pancreatic", "pelvis pelvic",
    "penis penile", "pericardium pericardial", "perineum perineal", "peritoneum peritoneal",
    "pharynx pharyngeal throat",
    "pituitary hypophyseal hypophysis", "placenta placental", "pleura pleural", "pregnancy gestational gestation",
    "prostate prostatic", "rectum rectal", "retina retinal", "rib costal", "scrotum scrotal", "shoulder scapular",
    "skin cutaneous dermal dermatologic", "skull cranial cranium", "spine spinal vertebral", "spleen splenic",
    "sternum sternal", "stomach gastric", "tendon tendinous", "testis testicular", "thigh femoral", "thymus thymic",
    "thyroid thyroidal", "toe digit", "tongue lingual glossal", "tonsil tonsillar", "tooth dental teeth",
    "trachea tracheal", "ureter ureteral ureteric", "urethra urethral", "urine urinary", "uterus uterine",
    "uvula uvular",
    "vagina vaginal", "vein venous", "vertebra vertebral", "vulva vulvar", "wrist carpal", "ankle tarsal",
)  # fmt: skip
"""Organs with their adjectives (Dorland's usage); each line's words stand for each other."""

NEAR = (
    "neoplasm tumor", "cancer carcinoma malignant", "disease disorder", "syndrome disease", "injury trauma traumatic",
    "child childhood pediatric juvenile", "newborn neonatal perinatal congenital", "malformation anomaly deformity",
    "closed nondisplaced", "absence agenesis aplasia", "nec other", "nos unspecified", "delivery childbirth labor",
    "obstetric pregnancy puerperal puerperium", "postoperative postprocedural postsurgical",
    "preoperative preprocedural",
    "operation procedure surgery",
    "intraoperative surgery", "adverse effect", "drug medication substance", "due because caused", "lower inferior",
    "upper superior", "hemorrhage bleeding hemorrhagic", "obstruction obstructed obstructive", "swelling edema",
    "inflammation inflammatory", "defective defect", "lack deficiency insufficient", "excess excessive hyper",
    "abnormal abnormality anomaly anomalous aberrant", "specified other", "site location", "broken fracture",
    "history personal", "screening examination", "attempt attempted", "suicide self", "breakdown mechanical",
    "bruise bruised bruising contusion", "lac gash laceration", "cut laceration", "fell fallen falling fall",
    "bit bitten bite", "stung sting", "burnt burned burn", "scalded scald burn", "bike bicycle pedal",
    "swollen swelling edema", "torn tear rupture", "overdose overdosed poisoning", "belly tummy abdominal",
    "itchy itching pruritus", "hurt hurting pain", "sore pain", "aching pain", "painful pain",
    "auto car", "dizzy dizziness", "hypercarbia hypercarbic hypercapnia hypercapnic",
    "swallowed swallowing", "hearing deafness", "kid child", "sprained sprain", "dislocated dislocation",
    "fractured fracture", "injured injury", "infected infection", "wreck crash collision",
    "accident collision transport", "first 1st", "second 2nd", "third 3rd", "fourth 4th", "fifth 5th", "house home",
    "both bilateral", "crashed crash collision", "hit struck collision",
    "vaccine vaccination immunization", "arthritis osteoarthritis",
)  # fmt: skip
"""Words that the classification uses for each other: index and list often name one thing by two of them."""


def stem_of(term: str) -> str:
    """The stem that derived forms of a word share; the word itself where it is short or names a thing of its own."""
    if len(term) <= SHORTEST_STEM or _KEPT.search(term) or not term.isalpha():
        return term
    for suffix in _BY_LENGTH:
        if term.endswith(suffix) and len(term) - len(suffix) >= SHORTEST_STEM:
            return term[: -len(suffix)]
    return term


def _relations() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in (*ORGANS, *NEAR):
        words = line.split()
        for word in words:
            found.setdefault(word, set()).update(set(words) - {word})
    return {word: frozenset(others) for word, others in found.items()}


RELATED = _relations()
"""The words that stand for a word, by the word."""
