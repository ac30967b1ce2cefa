"""Names of rows: as written, or derived from what a row says."""

import hashlib
import re
import unicodedata

from campaign.content_key import content_key
from campaign.sheet.table import Entry
from campaign.sheet.texts import as_text, as_word
from campaign.sheet.values import LARGEST_SEED

SAYS = ("copy", "product", "brand", "language", "audience", "account")
"""What tells one row from another where a sheet has no ids. Changing the picture, the camera or the time of
publishing is another take of the same row, so those do not take part: the row keeps its name and its seed."""
_DIGITS = 10
"""40 bits: among 10,000 rows the chance of two alike is 1 in 20,000, and then both say so."""
_LONGEST_SLUG = 16


def derived_id(entry: Entry) -> str:
    """A name that stays when rows are sorted, moved or inserted: a few words and a digest."""
    said = {
        field: unicodedata.normalize("NFKC", " ".join(as_text(entry.fields[field][0].cell).split()))
        for field in SAYS
        if field in entry.fields
    }
    words = as_word(entry.fields.get("product", entry.fields.get("copy", ()))[0].cell) if said else ""
    slug = re.sub(r"[\W_]+", "-", words).strip("-")[:_LONGEST_SLUG].strip("-")
    return f"{slug}-{content_key(said)[:_DIGITS]}".strip("-")


def derived_seed(row_id: str) -> int:
    """The seed of a row that names none: the same for the same id, on every machine."""
    return int.from_bytes(hashlib.sha256(row_id.encode()).digest()[:8], "big") % (LARGEST_SEED + 1)
