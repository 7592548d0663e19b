"""All routes of the site but the hot one of code pages."""

from fastapi import APIRouter

from gateway.web import (
    account,
    appearance,
    browse,
    licences,
    look_up,
    problems,
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
    appearance,
    browse,
    licences,
    look_up,
    problems,
    reports,
    sitemap,
    static_files,
):
    router.include_router(part.router)
