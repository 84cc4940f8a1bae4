"""Which types of identifiers are devices, and which messages are logins on them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from patron.spec.identifiers import IdentityRules

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class DeviceTypes:
    """The types of a set of rules by rank; those that the rules do not name are neither.

    Args:
        rules: The rules of identity.

    >>> from patron.spec.identifiers import DEFAULT_RULES
    >>> types = DeviceTypes(DEFAULT_RULES)
    >>> ranks = {kind.name: rank for rank, kind in enumerate(DEFAULT_RULES.types)}
    >>> carried, strongest = np.array([ranks["anonymous_id"]]), np.array([ranks["user_id"]])
    >>> types.logins(carried, strongest).tolist(), types.logins(strongest, strongest).tolist()
    ([True], [False])
    """

    def __init__(self, rules: IdentityRules) -> None:
        self._devices = np.zeros(256, dtype=np.bool_)
        self._others = np.zeros(256, dtype=np.bool_)
        for rank, kind in enumerate(rules.types):
            self._devices[rank] = kind.stands_for == "device"
            self._others[rank] = kind.tells_people

    def devices(self, ranks: Ints) -> Bools:
        """Which of some identifiers are devices, by the ranks of their types."""
        found: Bools = self._devices[ranks]
        return found

    def logins(self, ranks: Ints, strongest: Ints) -> Bools:
        """Which of some identifiers are devices that somebody logged in on.

        Args:
            ranks: Of their types.
            strongest: For each the rank of what its message is filed under.
        """
        found: Bools = self._devices[ranks] & self._others[strongest] & (strongest < ranks)
        return found
