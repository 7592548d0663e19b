"""What people do in their browsers to have an account: the same on every issuer, whose pages say the same words."""

from __future__ import annotations

import re
import uuid

from playwright.async_api import Page, expect

PASSWORD = "four plain words here"


def new_email(name: str = "reader") -> str:
    """An address that nobody has yet."""
    return f"{name}-{uuid.uuid4().hex[:10]}@example.org"


async def register(page: Page, email: str, name: str = "Ada Coder") -> None:
    """Fill in the form of a new account, which is open."""
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_label("Password again", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name=re.compile("Make (the|an) account")).click()


async def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """Fill in the sign-in form, which is open."""
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Sign in").click()


async def confirm_password(page: Page, email: str) -> None:
    """Fill in the form that asks a person again who is signed in: some issuers know the address, some ask for it."""
    await expect(page.get_by_label("Password", exact=True)).to_be_visible()
    if await page.get_by_label("E-mail address").count():
        await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()


async def new_account(page: Page, next_path: str = "/account") -> str:
    """Register from the site and come back; gives the address."""
    email = new_email()
    await page.goto(f"/register?next={next_path}")
    await register(page, email)
    await expect(page.get_by_role("link", name="Ada Coder")).to_be_visible()
    return email


async def change_password(page: Page, new: str) -> None:
    """Fill in the form of a new password, which is open: some issuers ask for the present one too."""
    await expect(page.get_by_label("New password", exact=True)).to_be_visible()
    if await page.get_by_label("Present password").count():
        await page.get_by_label("Present password").fill(PASSWORD)
    await page.get_by_label("New password", exact=True).fill(new)
    await page.get_by_label(re.compile("again")).first.fill(new)
    await page.get_by_role("button", name=re.compile("Go on|Change the password")).click()


async def is_signed_in(page: Page, name: str = "Ada Coder") -> bool:
    """Whether the site's header names the person."""
    await page.goto("/plans")
    return await page.get_by_role("link", name=name).count() == 1
