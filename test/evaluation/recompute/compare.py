"""Holds figures of a report against recomputed ones."""


class Comparison:
    """Collects what differs, and the greatest difference by kind of figure."""

    def __init__(self):
        self.figures = 0
        self.different = []
        self.greatest = 0.0

    def close(self, name, reported, found, tolerance):
        """Two numbers; one that is no finite number differs from everything."""
        self.figures += 1
        off = abs(float("nan") if reported is None else reported - float(found))
        if not off <= tolerance:
            self.different.append(f"{name}: {reported} in the report, {float(found)} recomputed")
        elif tolerance <= 1e-9:
            self.greatest = max(self.greatest, off)

    def same(self, name, reported, found):
        """Two values that have to be equal."""
        self.figures += 1
        if reported != found:
            self.different.append(f"{name}: {str(reported)[:200]} in the report, {str(found)[:200]} recomputed")

    def same_keys(self, name, reported, found):
        """Nothing is reported that is not recomputed, and the other way round."""
        self.same(f"names of {name}", sorted(reported), sorted(found))

    def result(self):
        """What main prints. `greatest` is the greatest difference of figures that agree to 1e-9."""
        return {"figures": self.figures, "different": self.different, "greatest": self.greatest}


def compare_intervals(check, name, reported, found, tolerance):
    """A figure with its interval."""
    for end in ("value", "low", "high"):
        check.close(f"{name}.{end}", reported[end], found[end], tolerance)
