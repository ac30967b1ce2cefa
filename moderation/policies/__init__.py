"""The shipped policies, word lists and rules: data files, and where they lie."""

from pathlib import Path

POLICIES = Path(__file__).parent
LEXICONS = POLICIES / "lexicons"
RULES = POLICIES / "rules"
