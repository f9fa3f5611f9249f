"""The texts that scripts show: each by a key, in the forms that the language has for counts."""

from dejashot.language.texts import forms, t


def script_texts() -> dict[str, dict[str, str]]:
    """Return the texts by key and plural category; a text without a count has the one form `other`.

    A script puts in the values: `{count}` and others are numbers and names.
    """
    return {**{key: {"other": text} for key, text in _plain_texts().items()}, **_counted_texts()}


def _plain_texts() -> dict[str, str]:
    return {
        "big_name": t("{number} of {total} · {name}"),
        "cannot": t("This can't be done: {problem}."),
        "chosen_already": t("This group is chosen already"),
        "go_on": t("Go on"),
        "group_changed": t("This group has changed."),
        "group_gone": t("This group is not there any more."),
        "left_out": t("Left out: stays as it is"),
        "looking_for": t("Looking for {name} …"),
        "name_missing": t("{name} can't be shown"),
        "no_answer": t("Dejashot does not answer. Is it still running? Load the page again to see what was done."),
        "no_session": t("This page is no longer let in. Run dejashot review for a new link."),
        "picture_missing": t("This picture can't be shown"),
        "problem": t("{problem}. {hint}"),
        "see_again": t("Load the page again to see what was done."),
        "show_it": t("Show it"),
        "still_looking": t("Dejashot is still looking at these photos: nothing is suggested yet"),
        "went_wrong": t("Something went wrong ({status})."),
    }


def _counted_texts() -> dict[str, dict[str, str]]:
    return {
        "accept": forms(
            'Accept the <span id="picked">{count}</span> ticked', 'Accept the <span id="picked">{count}</span> ticked'
        ),
        "groups_shown": forms("{shown} of {count} group shown", "{shown} of {count} groups shown"),
        "new_groups": forms("{count} new group: show", "{count} new groups: show"),
        "photos_left_out": forms("{count} photo left out", "{count} photos left out"),
        "would_free": forms(
            'In <b id="ticked">{count} ticked group</b> that would free <b id="frees">{size}</b>.',
            'In <b id="ticked">{count} ticked groups</b> that would free <b id="frees">{size}</b>.',
        ),
    }
