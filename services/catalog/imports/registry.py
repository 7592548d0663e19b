"""The kinds of files that the catalog takes, each with its importer."""

from services.catalog.imports.code_sets.kinds import CODE_SETS
from services.catalog.imports.cpt import CptDescriptors
from services.catalog.imports.hcc import HccMappings
from services.catalog.imports.house import House
from services.catalog.imports.icd10cm_guidelines import Icd10cmGuidelines
from services.catalog.imports.icd10cm_tabular import Icd10cmTabular
from services.catalog.imports.importer import Importer
from services.catalog.imports.payment.aoc import NcciAddOnCodes
from services.catalog.imports.payment.coverage import CoverageDocuments
from services.catalog.imports.payment.mue import NcciMueValues
from services.catalog.imports.payment.pfs import PhysicianFeeSchedule
from services.catalog.imports.payment.ptp import NcciPtpEdits
from shared.errors import InvalidInput

_ALL: tuple[Importer, ...] = (
    Icd10cmTabular(),
    Icd10cmGuidelines(),
    *CODE_SETS,
    House(),
    HccMappings(),
    CptDescriptors(),
    NcciPtpEdits(),
    NcciMueValues(),
    NcciAddOnCodes(),
    PhysicianFeeSchedule(),
    CoverageDocuments(),
)
IMPORTERS: dict[str, Importer] = {importer.kind: importer for importer in _ALL}
"""Importers by kind, in the order in which `import --help` names them."""


def importer_of(kind: str) -> Importer:
    """The importer of a kind; InvalidInput names the kinds."""
    importer = IMPORTERS.get(kind)
    if importer is None:
        raise InvalidInput("KIND_UNKNOWN", f'kind: "{kind}" is not known; the kinds are {", ".join(IMPORTERS)}.')
    return importer
