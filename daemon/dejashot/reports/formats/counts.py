"""What a report counts."""

from dataclasses import dataclass

from dejashot.reports.report import Report
from dejashot.reports.saving import Saving, saving_in


@dataclass(frozen=True, slots=True)
class ReportCounts:
    """How many photos are new, groups (series too), series, groups to be looked at closely, photos lost or ungrouped.

    `saving` is what could go.
    """

    new_photos: int
    groups: int
    series: int
    pending: int
    lost: int
    ungrouped: int
    saving: Saving

    @property
    def reducible(self) -> int:
        """Return the number of groups from which something could go."""
        return self.groups - self.series


def report_counts(report: Report) -> ReportCounts:
    """Return what a report counts."""
    return ReportCounts(
        new_photos=report.new_photos,
        groups=len(report.groups),
        series=len(report.series),
        pending=sum(g.pending for g in report.groups),
        lost=len(report.lost),
        ungrouped=report.ungrouped,
        saving=saving_in(report),
    )
