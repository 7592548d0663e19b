"""The site: pages drawn on the server, their styles and their static files."""
