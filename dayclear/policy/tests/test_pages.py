from collections.abc import Callable

from django.test import Client
from django.utils.translation import override

from dayclear.foundation.actors import Actor
from dayclear.policy.calendar import index
from dayclear.policy.loader import shipped
from dayclear.policy.provenance import Provenance
from dayclear.policy.words import SECTIONS, chinese_words, cited, cited_text, document_name, word

SignIn = Callable[[Actor], Client]


def test_every_code_of_the_shipped_packs_has_a_chinese_word() -> None:
    needed = set()
    for entry in index():
        needed.add(entry.head.disease)
        for value in shipped().resolve(entry.head.pack).values.values():
            section, *steps = value.path.split(".")
            assert section in SECTIONS
            needed |= {step for step in steps if not step.isdecimal() and not step.startswith("OG-")}
            if value.unit == "code":
                held = value.value if isinstance(value.value, list) else [value.value]
                needed |= {str(code) for code in held}
    assert not needed - set(chinese_words())


def test_a_code_is_said_in_the_readers_language() -> None:
    with override("zh-hans"):
        assert word("close_contact") == "密切接触者"
    with override("en"):
        assert word("close_contact") == "close contact"
        assert word("0") == "1"


def test_the_list_of_packs_says_which_answers_when(village_worker: Actor, client_of: SignIn) -> None:
    page = client_of(village_worker).get("/rules/").content.decode()
    for entry in index():
        assert entry.head.name.en in page
    assert "2022-11-11 to before 2022-11-21" in page


def test_a_pack_shows_each_value_with_its_document_and_clause(village_worker: Actor, client_of: SignIn) -> None:
    page = client_of(village_worker).get("/rules/cn-covid-9e+20").content.decode()
    for value in shipped().resolve("cn-covid-9e+20").values.values():
        if not value.path.startswith("transition."):
            assert f'id="{value.path}"' in page
    assert "The Twenty Measures (2022-11-11) § Measure 1" in page


def test_a_document_is_cited_by_its_name_in_the_readers_language() -> None:
    said = Provenance("cn-twenty", "Measure 2", ())
    with override("zh-hans"):
        assert cited(said) == "《进一步优化防控工作的二十条措施》 § 第2条"
        assert cited_text("cn-twenty § Measure 2 [O] C42; [R] C43") == cited(said)
        assert document_name("our-own-notice") == "our-own-notice"
    with override("en"):
        assert cited(said) == "The Twenty Measures (2022-11-11) § Measure 2"
        assert cited_text("") == ""


def test_every_document_of_the_shipped_packs_has_a_name() -> None:
    cited_ones = {
        value.source.document for entry in index() for value in shipped().resolve(entry.head.pack).values.values()
    }
    for language in ("zh-hans", "en"):
        with override(language):
            assert not {code for code in cited_ones if document_name(code) == code}


def test_what_the_project_put_forward_awaits_the_rule_owner(village_worker: Actor, client_of: SignIn) -> None:
    """R39: no signatory is made up for what no text gives."""
    client = client_of(village_worker)
    assert "3 awaiting the installation's rule owner" in client.get("/rules/").content.decode()
    page = client.get("/rules/cn-covid-9e").content.decode()
    assert "awaiting the installation's rule owner" in page.partition("categories.inbound.counted_from</code>")[2]


def test_a_day_shows_what_the_family_had_in_force_then(village_worker: Actor, client_of: SignIn) -> None:
    client = client_of(village_worker)
    before = client.get("/rules/cn-covid-9e+20?on=2022-11-10").content.decode()
    after = client.get("/rules/cn-covid-9e+20?on=2022-11-11").content.decode()
    assert "values of cn-covid-9e " in before.replace("\n", " ")
    assert "values of cn-covid-9e+20 " in after.replace("\n", " ")
    assert "no pack of this family was in force" in client.get("/rules/cn-covid-9e?on=2019-01-01").content.decode()


def test_a_comparison_numbers_the_measures(village_worker: Actor, client_of: SignIn) -> None:
    page = client_of(village_worker).get("/rules/compare?before=cn-covid-9e&after=cn-covid-9e%2B20").content.decode()
    for number in range(1, 21):
        assert f"<h2>{number}. " in page


def test_an_unknown_pack_or_day_is_not_found(village_worker: Actor, client_of: SignIn) -> None:
    client = client_of(village_worker)
    assert client.get("/rules/nonsense").status_code == 404
    assert client.get("/rules/cn-covid-9e?on=yesterday").status_code == 404
    assert client.get("/rules/compare?before=cn-covid-9e").status_code == 404
