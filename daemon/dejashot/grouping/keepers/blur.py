"""How a soft frame went wrong: by motion or by focus."""

import math

from dejashot.models.photo import Quality

# how much of the sharp frame's gradients the worst direction keeps, against the best direction
SHAKEN, DEFOCUSED = 0.75, 0.8


def describe_blur(soft: Quality, sharp: Quality) -> str:
    """Return how a soft frame went wrong, from the gradients that it lost against a sharp one of the same scene.

    Motion takes gradients along its own direction and leaves those across it; defocus takes all alike. The shares left
    in the worst and the best direction are the square roots of the eigenvalues of sharp^-1 soft.
    """
    (a, b, c), (x, y, z) = soft.gradients, sharp.gradients
    volume = x * y - z * z
    if volume <= 1e-9:
        return "blurred"
    half = (a * y + b * x - 2 * c * z) / volume / 2
    product = max(0.0, (a * b - c * c) / volume)
    root = math.sqrt(max(0.0, half * half - product))
    kept = math.sqrt(max(0.0, half - root) / (half + root)) if half + root > 0 else 1.0
    if kept < SHAKEN:
        return "shaken"
    return "out of focus" if kept > DEFOCUSED else "blurred"
