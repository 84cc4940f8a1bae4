"""Normal forms: how a raw value becomes comparable, or why it is refused.

`NormalForms` is the face for identifiers; `Regions` gives a phone number the country of its
message, and `Brands` an identifier the brand; `fields` is the face for what record linkage
compares.
"""

from patron.identity.normal.brands import Brands
from patron.identity.normal.context import Regions
from patron.identity.normal.forms import NormalForms
from patron.identity.normal.text import Refusal

__all__ = ["Brands", "NormalForms", "Refusal", "Regions"]
