"""Normal forms: how a raw value becomes comparable, or why it is refused.

`NormalForms` is the face for identifiers, and `Regions` what gives a phone number the country of
its message; `fields` is the face for what record linkage compares.
"""

from patron.identity.normal.context import Regions
from patron.identity.normal.forms import NormalForms
from patron.identity.normal.text import Refusal

__all__ = ["NormalForms", "Refusal", "Regions"]
