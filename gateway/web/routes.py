"""All routes of the site but the hot one of code pages."""

from fastapi import APIRouter

from gateway.web import appearance, browse, licences, look_up, problems, reports, sitemap, standing_pages, static_files

router = APIRouter()
for part in (standing_pages, appearance, browse, licences, look_up, problems, reports, sitemap, static_files):
    router.include_router(part.router)
