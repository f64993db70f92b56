"""SIB-200 from a folder in its hub layout: a small one made here, and the real one if present."""

import os
import shutil
from pathlib import Path

import pytest

from mslt_core.catalog.tasks import folders, task
from mslt_core.spec import BadArgument, WorkFailed

ROWS = [
    ("7", "travel", 'He said "go" and\'left'),
    ("3", "health", "NA"),
    ("5", "sports", "a # b \\ c"),
]


@pytest.fixture
def small(tmp_path, monkeypatch):
    root = tmp_path / "Davlan" / "sib200"
    for name in ("eng_Latn", "zho_Hans", "zho_Hant", "arb_Arab"):
        for split in ("train", "dev", "test"):
            path = root / "data" / name / f"{split}.tsv"
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = ["\t".join(("index_id", "category", "text"))]
            lines += ["\t".join((i, label, f"{name} {text}")) for i, label, text in ROWS]
            # As published: a sentence that begins with a quotation mark is quoted, others are not.
            lines.append(f'9\tpolitics\t"""{name} yes,"" he said."')
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setenv("MSLT_DATASETS", str(tmp_path))
    monkeypatch.setenv("MSLT_HOME", str(tmp_path / "home"))
    return root


def test_folders_become_tags_and_rows_become_items(small):
    sib = task("sib200")
    assert sib.languages() == ("ar", "en", "zh", "zh-Hant")
    items = sib.items("en", "test")
    assert [item.id for item in items] == ["7", "3", "5", "9"]
    # Quotation marks, NA, # and backslashes are part of the sentences.
    said = '"eng_Latn yes," he said.'
    assert [item.text for item in items] == [*(f"eng_Latn {text}" for _, _, text in ROWS), said]
    assert [item.label for item in items] == ["travel", "health", "sports", "politics"]


def test_a_changed_file_changes_the_fingerprint_of_its_language_only(small):
    sib = task("sib200")
    before = {lang: sib.fingerprint((lang,)) for lang in ("en", "ar")}
    path = small / "data" / "eng_Latn" / "test.tsv"
    path.write_text(path.read_text().replace("travel", "health"), encoding="utf-8")
    assert sib.fingerprint(("en",)) != before["en"]
    assert sib.fingerprint(("ar",)) == before["ar"]


def test_a_changed_file_is_read_anew(small):
    sib = task("sib200")
    assert sib.items("en", "dev")[0].label == "travel"
    path = small / "data" / "eng_Latn" / "dev.tsv"
    path.write_text(path.read_text().replace("travel", "health"), encoding="utf-8")
    assert sib.items("en", "dev")[0].label == "health"


def test_a_language_that_is_not_there_and_a_broken_file_are_said(small):
    with pytest.raises(BadArgument, match="no 'fr'"):
        task("sib200").items("fr", "train")
    (small / "data" / "arb_Arab" / "dev.tsv").write_text("nothing\there\n1\t2\n", encoding="utf-8")
    with pytest.raises(WorkFailed, match="cannot be read as SIB-200"):
        task("sib200").items("ar", "dev")


def test_a_folder_in_another_layout_is_said(tmp_path, monkeypatch):
    (tmp_path / "Davlan" / "sib200" / "eng").mkdir(parents=True)
    monkeypatch.setenv("MSLT_DATASETS", str(tmp_path))
    with pytest.raises(WorkFailed, match="holds no SIB-200"):
        task("sib200").languages()


def test_data_that_disappears_is_said(small):
    sib = task("sib200")
    assert sib.languages()
    shutil.rmtree(small / "data" / "arb_Arab")
    assert "ar" not in sib.languages()
    (small / "data" / "eng_Latn" / "dev.tsv").unlink()
    with pytest.raises(WorkFailed, match="cannot be read"):
        sib.fingerprint(("en",))


def test_where_it_was_looked_for_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("MSLT_DATASETS", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(WorkFailed, match=r"Davlan/sib200 is neither.*set MSLT_DATASETS"):
        folders.find("Davlan/sib200")


@pytest.mark.skipif(
    not (Path(os.environ.get("MSLT_DATASETS", "none")) / "Davlan" / "sib200").is_dir(),
    reason="MSLT_DATASETS names no folder that holds Davlan/sib200",
)
def test_the_real_data_is_parallel_and_complete(tmp_path, monkeypatch):
    monkeypatch.setenv("MSLT_HOME", str(tmp_path))
    sib = task("sib200")
    sizes = sib.sizes().set_index("language")
    english, thai = ({i.id: i for i in sib.items(lang, "test")} for lang in ("en", "th"))
    assert len(english) == sizes.loc["en", "test"] == 204
    assert english.keys() == thai.keys()
    # In a dozen other languages some sentences were published with their quotes doubled.
    assert not [item.text for item in sib.items("en", "train") if '""' in item.text]
    assert all(english[key].label == thai[key].label for key in english)
    assert {item.label for item in english.values()} == set(sib.labels())
    assert not english.keys() & {item.id for item in sib.items("en", "train")}
