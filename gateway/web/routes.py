"""All routes of the site but the hot one of code pages."""

from fastapi import APIRouter

from gateway.billing import webhook
from gateway.web import (
    account,
    account_deletion,
    api_docs,
    api_keys,
    appearance,
    browse,
    code_edits,
    drug_units,
    edit_checker,
    library,
    library_forms,
    library_notes,
    licences,
    local_mail,
    look_up,
    operator,
    plans,
    problems,
    procedure_builder,
    release_pages,
    reports,
    sign_in,
    sitemap,
    standing_pages,
    static_files,
)

router = APIRouter()
for part in (
    standing_pages,
    sign_in,
    account,
    account_deletion,
    appearance,
    api_docs,
    api_keys,
    browse,
    drug_units,
    code_edits,
    edit_checker,
    library,
    library_forms,
    library_notes,
    licences,
    local_mail,
    look_up,
    operator,
    plans,
    problems,
    procedure_builder,
    release_pages,
    reports,
    sitemap,
    static_files,
    webhook,
):
    router.include_router(part.router)
