"""Addresses: whose they are, and which stay within the console."""

import re
from urllib.parse import urlsplit

OWN_PATH = re.compile(r"/(?![/\\])[!-~]*")
"""Addresses that stay within the console."""


def host_of(address: str) -> str:
    """Return the host and port of an address; nothing where it has none or is none."""
    try:
        return urlsplit(address).netloc
    except ValueError:  # brackets that hold no address
        return ""
