"""The table of commands, in the order of `dejashot --help`: where each is defined, and its help.

A new command is a module in this folder and an entry here.
"""

from dejashot.cli.lazy import LazyCommand

COMMANDS = {
    "doctor": LazyCommand(
        "dejashot.cli.commands.doctor:doctor_command",
        "Check everything that an installation can get wrong, and name the fix; exit status 1 when something is wrong.",
    ),
    "clocks": LazyCommand(
        "dejashot.cli.commands.clocks:clocks_command",
        "Compare cameras' clocks by scenes that two of them both saw, and suggest what to set; nothing is changed.",
    ),
    "review": LazyCommand(
        "dejashot.cli.commands.review:review_command",
        "Print a link to the page on which you choose what to keep,"
        " and serve the page until Ctrl-C unless it is served already.",
    ),
    "apply": LazyCommand(
        "dejashot.cli.commands.apply:apply_command",
        "Put your decisions into practice: shows what would go where first, and can be undone.",
    ),
    "undo": LazyCommand(
        "dejashot.cli.commands.undo:undo_command",
        "Take back what `dejashot apply` did, the last time or any other; nothing is written over.",
    ),
    "scan": LazyCommand(
        "dejashot.cli.commands.scan:scan_command", "Read what is new in some folders and report on them."
    ),
    "run": LazyCommand(
        "dejashot.cli.commands.run:run_command",
        "Watch folders in the foreground: ingest what lands, digest on schedule, until stopped.",
    ),
    "report": LazyCommand(
        "dejashot.cli.commands.report:report_command", "Report on everything known, without looking for new photos."
    ),
    "forget": LazyCommand(
        "dejashot.cli.commands.forget:forget_command",
        "Make the library forget a folder. Your photos and decisions stay.",
    ),
    "similar": LazyCommand("dejashot.cli.commands.similar:similar_command", "List the photos most like one photo."),
    "status": LazyCommand(
        "dejashot.cli.commands.status:status_command",
        "Say what is known, what waits, and when digests were and will be made.",
    ),
    "eval": LazyCommand(
        "dejashot.cli.commands.evaluate:evaluate_command", "Measure the decision on photos that you have labelled."
    ),
    "tune": LazyCommand(
        "dejashot.cli.commands.tune:tune_command",
        "Fit how sure Dejashot must be to your own decisions, and say what that would change.",
    ),
    "config": LazyCommand("dejashot.cli.commands.config:config_app", "Create, show and check the configuration."),
    "service": LazyCommand(
        "dejashot.cli.commands.service:service_app",
        "Install the daemon as a service of your account, and ask how it does.",
    ),
    "notify": LazyCommand(
        "dejashot.cli.commands.notify:notify_app", "Notifications of new digests: snooze them, test them."
    ),
    "deliver": LazyCommand(
        "dejashot.cli.commands.deliver:deliver_app", "Send digests to where the configuration says."
    ),
}
