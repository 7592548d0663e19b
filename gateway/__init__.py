"""The one door of the platform: the site, the public API, who reads, and what the meter allows."""
