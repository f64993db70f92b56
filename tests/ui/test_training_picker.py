"""What of the model is trained: chosen on the page, shown in the command, kept in the address."""

import pytest

from mslt_core.ui import words_train
from tests.ui.driver import open_page, run, text

TRAIN = "pages/1_Train.py"


def command(app):
    return app.code[0].value.replace("\\\n", "")


@pytest.mark.parametrize("layers", ["0", "2"])
def test_top_layers_come_from_the_address(store, started, layers):
    app = open_page(TRAIN, sources="ar,de", budget="40", layers=layers)
    assert app.radio(key="trained").value == "layers"
    assert f"--layers {layers}" in command(app)
    assert app.query_params["layers"] == layers


def test_adapters_take_a_rank_and_four_bits(store, started):
    app = open_page(TRAIN, sources="ar,de", budget="40")
    assert "--lora-rank" not in command(app)
    run(app, app.radio(key="trained").set_value("adapters"))
    assert "--lora-rank 8" in command(app)
    run(app, app.number_input(key="lora_rank").set_value(4))
    assert "--lora-rank 4" in command(app)
    # The models of this store are made here, and small: the page says that 4 bits are not for them.
    run(app, app.checkbox(key="four_bit").check())
    assert "four_bit" in text(app)
    again = open_page(TRAIN, sources="ar,de", budget="40", lora_rank="4", four_bit="True")
    assert again.radio(key="trained").value == "adapters"
    assert again.checkbox(key="four_bit").value


def test_what_was_chosen_for_fine_tuning_is_no_part_of_a_probe(store, started):
    app = open_page(TRAIN, sources="ar,de", budget="40", lora_rank="4", method="probe")
    assert "--lora-rank" not in command(app)
    assert words_train.TRAINED_LABEL not in text(app)
