"""No text of a page or of a script stands outside of what is translated."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib import resources

import pytest
from jinja2 import Environment, nodes

_SHOWN = ("alt", "aria-label", "data-says", "placeholder", "title")
_STATEMENT = re.compile(r"\{% block body %\}.*?\{% endblock %\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_EXPRESSION = re.compile(r"\{\{.*?\}\}(?!\})", re.DOTALL)
_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"|`([^`]*)`')
_PROSE = re.compile(r"[A-Za-z']{2,} [A-Za-z(]")
_CODE = re.compile(r"[.#][a-z]|[\[\]<>=/]|use strict")
_SET_TEXT = re.compile(r'(?:textContent|title|alt)(?::| =) *["`][^"`]*[A-Za-z]')


class _Texts(HTMLParser):
    """Collect what a reader sees or hears of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._within = tag
        self.found += [value for name, value in attrs if name in _SHOWN and value]

    def handle_endtag(self, _tag: str) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within != "script":
            self.found.append(data.strip())


def constants(node: nodes.Node) -> Iterator[str]:
    """Yield the texts that an expression may come to by itself; what a function returns is not looked into."""
    if isinstance(node, nodes.Const | nodes.TemplateData):
        yield str(node.value if isinstance(node, nodes.Const) else node.data)
    elif isinstance(node, nodes.Getitem | nodes.Output | nodes.CondExpr | nodes.Dict | nodes.Pair | nodes.Concat):
        for child in node.iter_child_nodes(exclude=("key", "test", "arg")):
            yield from constants(child)


def english_in_template(source: str) -> list[str]:
    """Return the texts of a template that are shown, and that no message holds."""

    def by_itself(found: re.Match[str]) -> str:
        output = Environment(autoescape=True).parse(found[0]).body[0]
        return " ".join(constants(output))

    parser = _Texts()
    parser.feed(_EXPRESSION.sub(by_itself, _STATEMENT.sub("", source)))
    return [text for text in parser.found if re.search(r"[A-Za-z]{2}", text.replace("Dejashot", ""))]


def english_in_script(source: str) -> list[str]:
    """Return the literals of a script that read like a text, and those that are set as one."""
    code = re.sub(r"(?m)(^|\s)//.*$", "", source)
    literals = [re.sub(r"\$\{.*?\}", "0", quoted or made) for quoted, made in _LITERAL.findall(code)]
    return [text for text in literals if _PROSE.search(text) and not _CODE.search(text)] + _SET_TEXT.findall(code)


def sources(folder: str, *endings: str) -> list[tuple[str, str]]:
    """Return the names and texts of the page's own files."""
    files = resources.files("dejashot.web").joinpath(folder).iterdir()
    return sorted((f.name, f.read_text(encoding="utf-8")) for f in files if f.name.endswith(endings))


def test_templates_hold_no_text_outside_of_messages() -> None:
    found = {name: english_in_template(source) for name, source in sources("templates", ".html.j2")}
    assert {name: texts for name, texts in found.items() if texts} == {}


def test_scripts_and_styles_hold_no_text() -> None:
    found = {name: english_in_script(source) for name, source in sources("static", ".js")}
    found |= {name: re.findall(r'content: "[^"]*[A-Za-z][^"]*"', css) for name, css in sources("static", ".css")}
    assert {name: texts for name, texts in found.items() if texts} == {}


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ('<p title="Back">{{ t("Hello") }} you</p>', ["Back", "you"]),
        ("<p>{{ 'is' if count == 1 else t('are') }} {% if n %}chosen{% endif %}</p>", ["is", "chosen"]),
        ("<p>{{ {'open': 'Which ones?'}[show] }}</p>", ["Which ones?"]),
        ('<p class="{{ "tall" if high }}">{{ tn("{count} shot", "{count} shots", 2) }} · {{ size }}</p>', []),
    ],
)
def test_a_text_in_a_template_is_found(source: str, texts: list[str]) -> None:
    assert " ".join(english_in_template(source)).split() == " ".join(texts).split()


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ('throw new Error("Something went wrong.");', 1),
        ("note.textContent = `${count} photos left out`;", 2),
        ('button.textContent = "Show";', 1),
        ('// "a remark of ours"\nshow(text("go_on")); find(".card footer");', 0),
    ],
)
def test_a_text_in_a_script_is_found(source: str, count: int) -> None:
    assert len(english_in_script(source)) == count
