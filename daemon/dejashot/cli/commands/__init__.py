"""The table of commands, in the order of `dejashot --help`: where each is defined, and its help.

A new command is a module in one of the folders here and an entry in this table.
"""

from dejashot.cli.lazy import LazyCommand

_PHOTOS, _BACKGROUND, _SETUP = "Photos", "In the background", "Setup and accuracy"

COMMANDS = {
    "demo": LazyCommand(
        "dejashot.cli.commands.photos.demo:demo_command",
        "Show what Dejashot does with photos that it draws itself, and remove everything at the end.",
        _PHOTOS,
    ),
    "scan": LazyCommand(
        "dejashot.cli.commands.photos.scan:scan_command",
        "Read what is new in some folders, and show which photos are the same shot.",
        _PHOTOS,
    ),
    "review": LazyCommand(
        "dejashot.cli.commands.photos.review:review_command",
        "Print a link to the page on which you choose what to keep,"
        " and serve the page until Ctrl-C unless it is served already.",
        _PHOTOS,
    ),
    "apply": LazyCommand(
        "dejashot.cli.commands.photos.apply:apply_command",
        "Put your decisions into practice: shows what would go where first, and can be undone.",
        _PHOTOS,
    ),
    "undo": LazyCommand(
        "dejashot.cli.commands.photos.undo:undo_command",
        "Take back what `dejashot apply` did, the last time or any other; nothing is written over.",
        _PHOTOS,
    ),
    "report": LazyCommand(
        "dejashot.cli.commands.photos.report:report_command",
        "Report on everything known, without looking for new photos.",
        _PHOTOS,
    ),
    "similar": LazyCommand(
        "dejashot.cli.commands.photos.similar:similar_command", "List the photos most like one photo.", _PHOTOS
    ),
    "forget": LazyCommand(
        "dejashot.cli.commands.photos.forget:forget_command",
        "Make the library forget a folder. Your photos and decisions stay.",
        _PHOTOS,
    ),
    "run": LazyCommand(
        "dejashot.cli.commands.background.run:run_command",
        "Watch folders until stopped: read what arrives, and write digests on schedule.",
        _BACKGROUND,
    ),
    "service": LazyCommand(
        "dejashot.cli.commands.background.service:service_app",
        "Run the daemon as a service of your account, and ask how it does.",
        _BACKGROUND,
    ),
    "status": LazyCommand(
        "dejashot.cli.commands.background.status:status_command",
        "Say what is known, what waits, and when digests were and will be made.",
        _BACKGROUND,
    ),
    "notify": LazyCommand(
        "dejashot.cli.commands.background.notify:notify_app",
        "Hold notifications of new digests back for a while, or test them.",
        _BACKGROUND,
    ),
    "deliver": LazyCommand(
        "dejashot.cli.commands.background.deliver:deliver_app",
        "Test whether digests reach the addresses of the configuration.",
        _BACKGROUND,
    ),
    "config": LazyCommand(
        "dejashot.cli.commands.setup.config:config_app", "Create, show and check the configuration.", _SETUP
    ),
    "doctor": LazyCommand(
        "dejashot.cli.commands.setup.doctor:doctor_command",
        "Check everything that an installation can get wrong, and name the fix; exit status 1 when something is wrong.",
        _SETUP,
    ),
    "clocks": LazyCommand(
        "dejashot.cli.commands.setup.clocks:clocks_command",
        "Compare cameras' clocks by scenes that two of them both saw, and suggest what to set; nothing is changed.",
        _SETUP,
    ),
    "eval": LazyCommand(
        "dejashot.cli.commands.setup.evaluate:evaluate_command",
        "Measure how often Dejashot is right about photos that you have labelled.",
        _SETUP,
    ),
    "tune": LazyCommand(
        "dejashot.cli.commands.setup.tune:tune_command",
        "Fit how sure Dejashot must be to your own decisions, and say what that would change.",
        _SETUP,
    ),
}
