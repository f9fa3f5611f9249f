"""Logging for people and for journald: to stderr, with priorities where journald reads them."""

import logging
import os
import sys
import warnings

from dejashot.paths import shown

_PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
_NOISY = ("apscheduler", "watchdog", "filelock", "desktop_notifier", "asyncio")


class _Formatter(logging.Formatter):
    """Put journald's `<N>` before a line, or the time where journald does not listen; control characters never get through."""

    def __init__(self, *, journal: bool) -> None:
        super().__init__("%(message)s" if journal else "%(asctime)s %(levelname)-7s %(message)s", "%Y-%m-%d %H:%M:%S")
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one or more clean lines."""
        lines = [shown(line.encode("utf-8", "backslashreplace")) for line in super().format(record).splitlines()]
        mark = f"<{_PRIORITIES.get(record.levelno, 6)}>" if self._journal else ""
        return "\n".join(mark + line for line in lines)


def start_logging(*, verbose: bool) -> None:
    """Send the logs to stderr; `verbose` shows DEBUG, the only level at which photo paths appear."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter(journal="JOURNAL_STREAM" in os.environ))
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, handlers=[handler], force=True)
    warnings.filterwarnings("ignore", category=RuntimeWarning, module="watchdog")  # harmless, and it prints paths
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
