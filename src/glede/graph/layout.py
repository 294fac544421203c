"""Where the plates of a picture lie: forces first, then room for each.

The forces are Fruchterman and Reingold's (Software: Practice and Experience 21, 1991).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

Points: TypeAlias = "npt.NDArray[np.float64]"

HEIGHT = 28.0
GAP = 16.0
STEPS = 250


def forced(points: Points, pull: Points) -> Points:
    """Fruchterman and Reingold: all push one another away, ties pull, and the steps grow smaller."""
    ideal = 1.6 / math.sqrt(len(points))
    for step in range(STEPS):
        away = points[:, None, :] - points[None, :, :]
        distance = np.maximum(np.linalg.norm(away, axis=2), 1e-3)
        force = ideal**2 / distance**2 - pull * distance / ideal
        np.fill_diagonal(force, 0.0)
        moved = (away * force[:, :, None]).sum(axis=1) - 0.35 * points
        length = np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
        points = points + moved / length * np.minimum(length, 0.12 * (1 - step / STEPS) + 0.002)
    return points


def apart(points: Points, widths: Points) -> Points:
    """Push plates that overlap apart, along the way that is shorter, until none does."""
    points = points.copy()
    for _ in range(400):
        across = (widths[:, None] + widths[None, :]) / 2 + GAP
        away = points[:, None, :] - points[None, :, :]
        over_x = across - np.abs(away[:, :, 0])
        over_y = HEIGHT + 2 * GAP - np.abs(away[:, :, 1])
        over = (over_x > 0.5) & (over_y > 0.5)
        np.fill_diagonal(over, val=False)
        if not over.any():
            break
        order = np.sign(np.subtract.outer(np.arange(len(points)), np.arange(len(points))))
        side = np.where(away == 0, order[:, :, None], np.sign(away))
        level = over & (over_y <= over_x)
        points[:, 1] += (np.where(level, over_y, 0) * side[:, :, 1]).sum(axis=1) * 0.25
        points[:, 0] += (np.where(over & ~level, over_x, 0) * side[:, :, 0]).sum(axis=1) * 0.25
    return points
