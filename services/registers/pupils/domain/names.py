"""In which form two names are one, however they were typed."""

import unicodedata


def folded(name: str) -> str:
    """Return the letters and digits of a name, without accents and case: systems write spaces, hyphens and apostrophes differently."""
    return "".join(each for each in unicodedata.normalize("NFKD", name).casefold() if each.isalnum())
