"""Where Elasticsearch is, as a URL says it: servers, who asks, whose certificates are believed, and the alias."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from elasticsearch import AsyncElasticsearch

from shared.errors import CannotStart

ALIAS = "codingahead-search"
_FORM = "http://host:9200/alias or https://user:password@host:9200/alias?cafile=/folder/ca.pem"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_KNOWN = {"cafile", "api_key"}


@dataclass(frozen=True, slots=True)
class Address:
    """A URL, taken apart."""

    hosts: tuple[str, ...]
    alias: str = ALIAS
    user: str = ""
    password: str = ""
    api_key: str = ""
    cafile: str = ""

    @classmethod
    def read(cls, url: str) -> Address:
        """Take a URL apart; CannotStart says what is wrong with it, without the password."""
        parts = urlsplit(url)
        login, _, places = parts.netloc.rpartition("@")
        hosts = tuple(f"{parts.scheme}://{place}" for place in places.split(",") if place)
        options = dict(parse_qsl(parts.query))
        alias = parts.path.strip("/") or ALIAS
        if parts.scheme not in {"http", "https"} or not hosts or any(not _has_port(host) for host in hosts):
            raise CannotStart(f"SEARCH_ENGINE_URL is wrong: {_FORM} is expected, with the port of every server.")
        if not _NAME.fullmatch(alias):
            raise CannotStart(
                f'SEARCH_ENGINE_URL is wrong: "{alias}" is no name for an alias; a to z, 0 to 9 and - are.'
            )
        if unknown := sorted(options.keys() - _KNOWN):
            raise CannotStart(f"SEARCH_ENGINE_URL is wrong: {unknown[0]} is no option; there are cafile and api_key.")
        if options.get("cafile") and not Path(options["cafile"]).is_file():
            raise CannotStart(f"SEARCH_ENGINE_URL is wrong: there is no file {options['cafile']}.")
        user, _, password = login.partition(":")
        return cls(
            hosts, alias, unquote(user), unquote(password), options.get("api_key", ""), options.get("cafile", "")
        )

    def client(self) -> AsyncElasticsearch:
        """A client, not connected yet. It asks once: who asks again is ours to say."""
        options: dict[str, Any] = {"ca_certs": self.cafile} if self.cafile else {}
        if self.api_key:
            options["api_key"] = self.api_key
        elif self.user:
            options["basic_auth"] = (self.user, self.password)
        return AsyncElasticsearch(list(self.hosts), max_retries=1, retry_on_timeout=False, **options)


def _has_port(host: str) -> bool:
    try:
        return bool(urlsplit(host).port and urlsplit(host).hostname)
    except ValueError:
        return False
