"""The importers of this folder, in the order in which commands name them."""

from services.catalog.imports.code_sets.cdt import CdtCodes
from services.catalog.imports.code_sets.gems import Gems
from services.catalog.imports.code_sets.hcpcs import Hcpcs
from services.catalog.imports.code_sets.icd9cm import Icd9cm
from services.catalog.imports.code_sets.icd10cm_conversion import Icd10cmConversion
from services.catalog.imports.code_sets.icd10cm_index import Icd10cmIndex
from services.catalog.imports.code_sets.icd10cm_order import Icd10cmOrder
from services.catalog.imports.code_sets.icd10cm_poa import Icd10cmPoa
from services.catalog.imports.code_sets.icd10pcs_order import Icd10pcsOrder
from services.catalog.imports.importer import Importer

CODE_SETS: tuple[Importer, ...] = (
    Icd10cmOrder(),
    Icd10cmIndex(),
    Icd10cmConversion(),
    Icd10cmPoa(),
    Icd10pcsOrder(),
    Icd9cm(),
    Gems(),
    Hcpcs(),
    CdtCodes(),
)
