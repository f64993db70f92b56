"""Languages have one tag each, whatever a data set calls them."""

import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mslt_core.catalog.languages import UNCLASSIFIED, Language, known, language, normalise
from mslt_core.spec import BadArgument

SAME = {
    "zh": "zh zho_Hans zh-CN cmn zh-SG zh_Hans_CN zho",
    "zh-Hant": "zh-Hant zho_Hant zh-TW zh-HK zh_Hant_TW",
    "ar": "ar arb_Arab arb ara",
    "sw": "sw swh_Latn swa",
    "fa": "fa pes_Arab fas prs_Arab",
    "it": "it ita_Latn IT",
    "nb": "nb no nob_Latn nb-NO",
    "nn": "nn nno_Latn",
    "fil": "fil tl tgl_Latn",
    "quy": "quy quy_Latn",
    "ko": "ko kor_Hang ko-KR ko-Kore",
    "ja": "ja jpn_Jpan",
    "pt": "pt pt-BR por_Latn pt-PT",
    "sr": "sr sr-Cyrl srp_Cyrl",
    "sr-Latn": "sr-Latn sr_latn sr-ME",
    "mn": "mn khk_Cyrl",
    "et": "et ekk est_Latn",
    "lv": "lv lvs_Latn",
    "sq": "sq als_Latn",
    "he": "he iw heb_Hebr",
    "az": "az azj_Latn",
    "hi-Latn": "hi-Latn",
    "yue": "yue yue_Hant zh-yue",
    "ca": "ca ca-valencia",
}


@pytest.mark.parametrize(
    ("written", "tag"), [(form, tag) for tag, forms in SAME.items() for form in forms.split()]
)
def test_every_name_of_a_language_becomes_one_tag(written: str, tag: str) -> None:
    assert normalise(written) == tag


@settings(deadline=None)
@given(st.sampled_from(known()))
def test_a_normalised_tag_is_its_own_normal_form(tag: str) -> None:
    assert normalise(tag) == tag
    assert language(tag).tag == tag


@settings(deadline=None)
@given(st.text(max_size=12))
def test_any_text_is_a_language_or_a_bad_argument(text: str) -> None:
    try:
        tag = normalise(text)
    except BadArgument as error:
        told = str(error)
    else:
        assert normalise(tag) == tag
        return
    assert repr(text) in told
    assert "BCP 47" in told


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("german", "de (German)"),
        ("German", "de (German)"),
        ("thai", "th (Thai)"),
        ("日本語", "ja (Japanese)"),
        ("swahil", "sw (Swahili)"),
        ("chineese", "zh (Chinese)"),
    ],
)
def test_a_name_or_a_slip_is_answered_with_the_tag(wrong: str, meant: str) -> None:
    with pytest.raises(BadArgument) as caught:
        normalise(wrong)
    assert repr(wrong) in str(caught.value)
    assert f"did you mean {meant}" in str(caught.value)


@pytest.mark.parametrize(
    "wrong", ["", " ", "xx", "qaa", "und", "mul", "zxx", "x-private", "e", "1"]
)
def test_what_names_no_language_is_refused(wrong: str) -> None:
    with pytest.raises(BadArgument, match="is not a language"):
        normalise(wrong)


def test_what_is_known_of_some_languages() -> None:
    assert language("zh") == Language(
        tag="zh",
        name="Chinese",
        family="Sino-Tibetan",
        script="Hans",
        cc100_gib=46.9,
        wikipedia_gib=1.44,
        latitude=40.02,
        longitude=116.23,
        right_to_left=False,
        also="中文 Simplified",
    )
    assert language("zh-TW") == replace(
        language("zh"),
        tag="zh-Hant",
        name="Chinese (Traditional)",
        script="Hant",
        cc100_gib=16.6,
        wikipedia_gib=None,
        also="中文（繁體） Traditional",
    )
    assert language("arb_Arab").name == "Arabic"
    assert language("arb_Arab").right_to_left
    assert language("yo").cc100_gib is None
    assert language("de").also == "Deutsch Latin"
    assert language("nb").cc100_gib == 49.0
    assert language("my").cc100_gib == 1.6
    assert language("hi-Latn").family == "Indo-European"
    assert language("ja").script == "Jpan"
    assert language("ko").script == "Kore"


def test_a_script_variant_has_family_and_place_but_not_the_sizes_of_its_language() -> None:
    variant, usual = language("ru-Latn"), language("ru")
    assert variant.family == "Indo-European"
    assert (variant.latitude, variant.longitude) == (usual.latitude, usual.longitude)
    assert variant.cc100_gib is None
    assert variant.wikipedia_gib is None


@pytest.mark.parametrize(
    ("tag", "south", "north", "west", "east"),
    [
        ("ar", 12, 38, 25, 60),  # Standard Arabic, not a dialect of the west
        ("zh", 20, 50, 90, 130),
        ("fa", 25, 40, 44, 64),
        ("ms", 0, 8, 95, 120),
        ("sw", -12, 3, 30, 43),
        ("en", 49, 61, -11, 3),
        ("pt", 36, 43, -10, -6),
        ("ja", 30, 46, 129, 146),
        ("qu", -20, 2, -80, -65),
        ("sm", -15, -12, -174, -170),
        ("yo", 4, 14, 1, 9),
        ("mi", -48, -34, 166, 179),
        ("is", 63, 67, -25, -13),
    ],
)
def test_languages_lie_where_they_are_spoken(
    tag: str, south: float, north: float, west: float, east: float
) -> None:
    place = language(tag)
    assert place.latitude is not None
    assert place.longitude is not None
    assert south < place.latitude < north
    assert west < place.longitude < east


def test_constructed_languages_have_no_place() -> None:
    constructed = [tag for tag in known() if language(tag).family == "Constructed"]
    assert set(constructed) >= {"eo", "ia", "io", "vo"}
    assert {language(tag).latitude for tag in constructed} == {None}
    placed = [tag for tag in known() if language(tag).latitude is not None]
    assert len(placed) > 0.95 * len(known())


def test_a_language_outside_the_table_is_unclassified() -> None:
    assert language("tlh").family == UNCLASSIFIED
    assert language("tlh").name == "Klingon"


def test_right_to_left_follows_the_script() -> None:
    assert {tag for tag in known() if language(tag).right_to_left} >= {"ar", "fa", "he", "ur", "yi"}
    assert not language("hi").right_to_left
    assert language("ku-Arab").right_to_left
    assert not language("ku").right_to_left


def test_the_table_covers_the_tasks_and_every_language_of_cc100() -> None:
    # sib200 (local part), PUD, and Home Assistant's locales, by the names that they use.
    named = """
        amh_Ethi arb_Arab ben_Beng bul_Cyrl ces_Latn deu_Latn ell_Grek eng_Latn est_Latn eus_Latn
        fin_Latn fra_Latn heb_Hebr hin_Deva hun_Latn hye_Armn ind_Latn isl_Latn ita_Latn jpn_Jpan
        kat_Geor kaz_Cyrl khm_Khmr kor_Hang mlt_Latn mya_Mymr nld_Latn pes_Arab pol_Latn por_Latn
        quy_Latn ron_Latn rus_Cyrl spa_Latn swe_Latn swh_Latn tam_Taml tel_Telu tgl_Latn tha_Thai
        tur_Latn ukr_Cyrl urd_Arab vie_Latn yor_Latn zho_Hans zho_Hant
        gl is ja af ca cy da de-CH ga gu hr kn kw lb lt lv ml mn ms nb ne pa pt-BR sk sl sr sr-Latn
        sv zh-CN zh-HK zh-TW
    """
    assert [name for name in named.split() if language(name).family == UNCLASSIFIED] == []
    massive = """
        af am ar az bn cy da de el en es fa fi fr he hi hu hy id is it ja jv ka km kn ko lv ml mn
        ms my nb nl pl pt ro ru sl sq sv sw ta te th tl tr ur vi zh-CN zh-TW
    """
    wikiann = "an ang arz bar ce ckb cv dsb dv gan hsb ia io jbo ksh la lmo min nan nds os sco wuu"
    assert [
        name for name in f"{massive} {wikiann}".split() if language(name).family == UNCLASSIFIED
    ] == []
    read = [tag for tag in known() if language(tag).wikipedia_gib is not None]
    assert len(read) == 102  # mBERT's Wikipedias in the 2020 list
    assert language("en").wikipedia_gib == pytest.approx(14_204_367_805 / 2**30, rel=0.005)
    sized = [tag for tag in known() if language(tag).cc100_gib is not None]
    assert len(sized) == 99  # the 100 rows of the paper's table, less Burmese in Zawgyi


def test_importing_the_catalogue_of_languages_is_light() -> None:
    code = (
        "import sys, mslt_core.catalog.languages; "
        "print([m for m in ('language_data', 'pandas', 'torch', 'sklearn') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
