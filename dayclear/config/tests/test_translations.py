from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from dayclear.config.translations import Text, compile_catalogue, flaws, merged, read_catalogue, texts, write_catalogue


def test_every_text_has_a_sound_chinese_translation() -> None:
    found = flaws(texts(), read_catalogue())
    assert not found, "\n".join(str(flaw) for flaw in found[:30])


def _text(singular: str, plural: str = "") -> Text:
    return Text(singular, plural, None, "page.html", 1)


@pytest.mark.parametrize(
    ("text", "translated", "kinds"),
    [
        pytest.param(_text("Board"), "看板", [], id="sound"),
        pytest.param(_text("Board"), "", ["missing"], id="empty"),
        pytest.param(_text("%(n)s rows"), "%(n)s行", [], id="placeholder kept"),
        pytest.param(_text("%(n)s rows"), "若干行", ["placeholders"], id="placeholder lost"),
        pytest.param(_text("%(n)s rows"), "%(m)s行", ["placeholders"], id="placeholder renamed"),
        pytest.param(_text("100 %"), "100 %", [], id="a percent sign is no placeholder"),
        pytest.param(_text("One row", "%(n)s rows"), ("%(n)s行",), [], id="one form holds what the plural holds"),
        pytest.param(_text("One row", "%(n)s rows"), ("一行",), ["placeholders"], id="the plural's number lost"),
    ],
)
def test_a_flaw_of_the_catalogue_is_named(text: Text, translated: str | tuple[str, ...], kinds: list[str]) -> None:
    catalogue = Catalog(locale="zh_Hans_CN")
    catalogue.add((text.singular, text.plural) if text.plural else text.singular, translated)
    assert [flaw.kind for flaw in flaws([text], catalogue)] == kinds


def test_a_fuzzy_translation_does_not_count() -> None:
    catalogue = Catalog(locale="zh_Hans_CN")
    catalogue.add("Board", "看板", flags=["fuzzy"])
    assert [flaw.kind for flaw in flaws([_text("Board")], catalogue)] == ["fuzzy"]
    assert [flaw.kind for flaw in flaws([_text("Board")], merged([_text("Board")], catalogue))] == ["missing"]


def test_the_later_source_wins_and_gone_texts_are_dropped(tmp_path: Path) -> None:
    old, new = Catalog(locale="zh_Hans_CN"), Catalog(locale="zh_Hans_CN")
    old.add("Board", "板")
    old.add("Gone", "没了")
    new.add("Board", "看板")
    file = tmp_path / "django.po"
    write_catalogue(merged([_text("Board"), _text("New")], old, new), file)
    again = read_catalogue(file)
    assert {message.id: message.string for message in again if message.id} == {"Board": "看板", "New": ""}


def test_writing_twice_changes_no_byte(tmp_path: Path) -> None:
    file = tmp_path / "django.po"
    write_catalogue(merged([_text("Board")], Catalog(locale="zh_Hans_CN")), file)
    first = file.read_bytes()
    write_catalogue(merged([_text("Board")], read_catalogue(file)), file)
    assert file.read_bytes() == first


def test_texts_are_found_in_code_and_templates_and_not_in_tests(tmp_path: Path) -> None:
    package = tmp_path / "dayclear"
    (package / "cases" / "templates" / "cases").mkdir(parents=True)
    (package / "cases" / "tests").mkdir()
    (package / "cases" / "pages.py").write_text('x = gettext("In code")\ny = ngettext("One", "%(n)s", n)\n')
    (package / "cases" / "tests" / "test_x.py").write_text('x = gettext("In a test")\n')
    (package / "cases" / "templates" / "cases" / "list.html").write_text(
        '<p>{% translate "In a template" %} {% blocktranslate count n=n %}{{ n }} case{% plural %}{{ n }} cases'
        '{% endblocktranslate %} {% empty_state _("In an argument") %}{% endempty_state %}</p>\n'
    )
    assert {(text.singular, text.plural) for text in texts(package)} == {
        ("In code", ""),
        ("One", "%(n)s"),
        ("In a template", ""),
        ("%(n)s case", "%(n)s cases"),
        ("In an argument", ""),
    }


def test_the_compiled_catalogue_speaks_chinese(tmp_path: Path) -> None:
    import gettext

    file = tmp_path / "django.po"
    catalogue = Catalog(locale="zh_Hans_CN")
    catalogue.add("Board", "看板")
    catalogue.add(("%(n)s row", "%(n)s rows"), ("%(n)s行",))
    write_catalogue(catalogue, file)
    with compile_catalogue(file).open("rb") as opened:
        spoken = gettext.GNUTranslations(opened)
    assert spoken.gettext("Board") == "看板"
    assert [spoken.ngettext("%(n)s row", "%(n)s rows", n) for n in (0, 1, 5)] == ["%(n)s行"] * 3
