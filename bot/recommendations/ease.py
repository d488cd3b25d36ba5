"""EASE: the linear item-item model with a closed form.

B[i, j] = -P[i, j] / P[j, j] with P = (G + ridge I)^-1, G the Gram matrix of members x films, and zeros on the
diagonal (Steck: Embarrassingly Shallow Autoencoders for Sparse Data, WWW 2019).
"""

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]


def ease_by_films(gram: Matrix, ridge: float) -> Matrix:
    """Give B from the films x films Gram matrix: for more members than films."""
    inverse = gram.copy()
    inverse[np.diag_indices(len(gram))] += ridge
    inverse = np.linalg.inv(inverse)
    inverse /= -np.diag(inverse)[None, :].copy()
    np.fill_diagonal(inverse, 0.0)
    return inverse


def ease_by_members(dense: Matrix, ridge: float) -> Matrix:
    """Give the same B from members x films `dense` itself, for fewer members than films.

    By the Woodbury identity P = (I - X' (X X' + ridge I)^-1 X) / ridge, whose inverse is members x members.
    """
    kernel = dense @ dense.T
    kernel[np.diag_indices(len(dense))] += ridge
    weights = dense.T @ (np.linalg.inv(kernel) @ dense)
    # The diagonal is below 1 by construction; rounding must not make it 1.
    weights /= np.maximum(1.0 - np.diag(weights), 1e-3)[None, :]
    np.fill_diagonal(weights, 0.0)
    return weights.astype(np.float32, copy=False)
