"""What the command line tells of models: those that have names, and any other one."""

import json

import pytest

from mslt_core.cli import commands
from tests.model_folders import BERT_PARAMETERS, QWEN, QWEN_WEIGHTS, README, save_model


def call(capsys, *words):
    """Exit status, standard output and standard error of a command."""
    with pytest.raises(SystemExit) as ended:
        commands.main(["models", *words])
    captured = capsys.readouterr()
    return ended.value.code, captured.out, captured.err


def test_the_named_models_are_told_with_what_matters(capsys):
    status, out, _ = call(capsys)
    assert status == 0
    for fact in ("277,453,056", "250,002", "99 languages (CC-100)", "102 languages (Wikipedia)"):
        assert fact in out
    assert "hf download microsoft/mdeberta-v3-base" in out
    _, out, _ = call(capsys, "--json")
    rows = {row["name"]: row for row in json.loads(out)["models"]}
    large = rows["FacebookAI/xlm-roberta-large"]
    assert (large["layers"], large["hidden"], large["licence"]) == (24, 1024, "MIT")
    assert (large["pooling"], large["decoder"], large["pretraining"]) == ("mean", False, "cc100")
    assert "sw" in large["languages"]


def test_any_folder_is_told(capsys, tmp_path):
    folder = save_model(tmp_path / "small-bert", readme=README)
    status, out, _ = call(capsys, str(folder), "--json")
    assert status == 0
    (row,) = json.loads(out)["models"]
    assert (row["parameters"], row["languages"]) == (BERT_PARAMETERS, ["nb", "sw", "zh", "zh-Hant"])
    save_model(folder, QWEN, QWEN_WEIGHTS)
    _, out, _ = call(capsys, str(folder))
    assert "4 languages · reads from left to right · licence: apache-2.0" in out


@pytest.mark.parametrize(("name", "status"), [("nothing", 2), ("nobody/nothing", 1)])
def test_what_is_no_model_is_one_sentence(capsys, name, status):
    code, out, err = call(capsys, name, "--json")
    assert (code, out) == (status, "")
    assert err.startswith("Error: ") and name in err and err.count("\n") == 1
