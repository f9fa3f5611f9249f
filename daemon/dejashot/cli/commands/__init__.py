"""The table of commands, in the order of `dejashot --help`: where each is defined, and its help.

A new command is a module in one of the folders here and an entry in this table. Help of at most 64 characters fits one
line of a terminal of 80 columns.
"""

from dejashot.cli.lazy import LazyCommand

_LOOK, _CHOOSE, _RUN, _SET_UP, _CHECK = "Look", "Choose", "Run", "Set up", "Check and fit"

COMMANDS = {
    "scan": LazyCommand(
        "dejashot.cli.commands.photos.scan:scan_command",
        "Read what is new in folders; show which photos are the same shot.",
        _LOOK,
    ),
    "report": LazyCommand(
        "dejashot.cli.commands.photos.report:report_command",
        "Report on all that is known, without looking for new photos.",
        _LOOK,
    ),
    "similar": LazyCommand(
        "dejashot.cli.commands.photos.similar:similar_command", "List the photos most like one photo.", _LOOK
    ),
    "demo": LazyCommand(
        "dejashot.cli.commands.photos.demo:demo_command",
        "Show it on photos that it draws itself, and remove them after.",
        _LOOK,
    ),
    "review": LazyCommand(
        "dejashot.cli.commands.photos.review:review_command",
        "Open the page on which you choose what to keep.",
        _CHOOSE,
    ),
    "apply": LazyCommand(
        "dejashot.cli.commands.photos.apply:apply_command",
        "Put your choice into practice: shown first, asked, can be undone.",
        _CHOOSE,
    ),
    "undo": LazyCommand(
        "dejashot.cli.commands.photos.undo:undo_command",
        "Take back what `dejashot apply` did; nothing is written over.",
        _CHOOSE,
    ),
    "run": LazyCommand(
        "dejashot.cli.commands.background.run:run_command",
        "Watch folders until stopped, and write digests on schedule.",
        _RUN,
    ),
    "service": LazyCommand(
        "dejashot.cli.commands.background.service:service_app",
        "Have that run in the background, as a service of your account.",
        _RUN,
    ),
    "status": LazyCommand(
        "dejashot.cli.commands.background.status:status_command",
        "Say what is known, what waits, and when digests are made.",
        _RUN,
    ),
    "notify": LazyCommand(
        "dejashot.cli.commands.background.notify:notify_app",
        "Hold notifications back for a while, or test them.",
        _RUN,
    ),
    "deliver": LazyCommand(
        "dejashot.cli.commands.background.deliver:deliver_app",
        "Test whether digests reach the addresses they are sent to.",
        _RUN,
    ),
    "setup": LazyCommand(
        "dejashot.cli.commands.setup.setup:setup_command",
        "Find your photos, ask a few questions, and set everything up.",
        _SET_UP,
    ),
    "config": LazyCommand(
        "dejashot.cli.commands.setup.config:config_app", "Create, show and check the configuration.", _SET_UP
    ),
    "forget": LazyCommand(
        "dejashot.cli.commands.photos.forget:forget_command",
        "Make the library forget a folder; photos and decisions stay.",
        _SET_UP,
    ),
    "doctor": LazyCommand(
        "dejashot.cli.commands.setup.doctor:doctor_command",
        "Check the whole installation, and name the fix of each problem.",
        _CHECK,
    ),
    "clocks": LazyCommand(
        "dejashot.cli.commands.setup.clocks:clocks_command",
        "Compare the clocks of cameras, and suggest what to set.",
        _CHECK,
    ),
    "eval": LazyCommand(
        "dejashot.cli.commands.setup.evaluate:evaluate_command",
        "Measure how often it is right about photos you have labelled.",
        _CHECK,
    ),
    "tune": LazyCommand(
        "dejashot.cli.commands.setup.tune:tune_command",
        "Fit how sure it must be to your own decisions.",
        _CHECK,
    ),
}
