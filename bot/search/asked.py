"""A query beside the arrays that it is looked up in."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.search.arrays import BARE, Arrays, signature
from bot.search.query import TitleQuery

Names = npt.NDArray[np.int64]
"""Numbers of names in the arrays."""
FAME_WEIGHT = 0.012 / 12
"""What a step of the stored rank by fame counts beside likeness from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query beside the arrays that it is looked up in."""

    arrays: Arrays
    query: TitleQuery
    signature: np.uint64

    @classmethod
    def of(cls, arrays: Arrays, query: TitleQuery) -> "Asked":
        """Give the query beside the arrays."""
        return cls(arrays, query, signature(query.joined))

    def unlike(self, names: Names | slice) -> npt.NDArray[np.uint8]:
        """Give in how many letters each name differs from the query, wherever they stand."""
        different: npt.NDArray[np.uint8] = np.bitwise_count(self.arrays.signatures[names] ^ self.signature)
        return different

    def meant(self, names: Names) -> Names:
        """Give the names, those without their script's marks only to who typed in that script."""
        latin = self.query.folded.isascii()
        return names[self.arrays.title_of[names] < BARE] if latin else names
