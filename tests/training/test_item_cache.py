"""What belongs to items is computed once, by however many processes it is wanted at once."""

import multiprocessing
import os
import signal
import time

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from mslt_core.catalog.tasks import Item
from mslt_core.training.item_cache import kept

LANGUAGES = ("ar", "de", "en", "sw", "zh")
WANTED = {lang: [Item(str(i), f"{lang} {i}") for i in range(3)] for lang in LANGUAGES}
CONTEXT = multiprocessing.get_context("fork")


def get(folder, at_a_time=None, seconds=0.0, wanted=WANTED, progress=lambda done, total: None):
    """The lengths of texts, by way of a cache; each computing is noted in a file."""

    def compute(missing, report):
        items = [(lang, item) for lang, part in missing.items() for item in part]
        for done, (lang, item) in enumerate(items, start=1):
            with (folder / "computed").open("a") as file:
                file.write(f"{os.getpid()} {lang} {item.id}\n")
            time.sleep(seconds)
            report(done, len(items))
            yield (np.array([len(item.text)]),)

    paths = {lang: folder / f"{lang}.safetensors" for lang in wanted}
    return kept(paths, ("length",), wanted, compute, progress, at_a_time)


def computed(folder):
    return [line.split() for line in (folder / "computed").read_text().splitlines()]


def is_right(found, wanted=WANTED):
    return {lang: [int(length[0]) for (length,) in of] for lang, of in found.items()} == {
        lang: [len(item.text) for item in items] for lang, items in wanted.items()
    }


def ask(folder, at_a_time, barrier, answers):
    told = []
    barrier.wait()
    found = get(folder, at_a_time, 0.03, progress=lambda *said: told.append(said))
    answers.put((is_right(found), told))


@pytest.mark.parametrize(("at_a_time", "shared"), [(1, True), (2, True), (None, False)])
def test_processes_that_want_the_same_at_once_compute_each_item_once(tmp_path, at_a_time, shared):
    barrier, answers = CONTEXT.Barrier(2), CONTEXT.Queue()
    asking = [
        CONTEXT.Process(target=ask, args=(tmp_path, at_a_time, barrier, answers)) for _ in range(2)
    ]
    for process in asking:
        process.start()
    for _ in asking:
        right, told = answers.get(timeout=60)
        assert right
        assert told == sorted(told)
        assert told[-1] == (15, 15)
    for process in asking:
        process.join()
    lines = computed(tmp_path)
    assert len(lines) == len({(lang, item) for _, lang, item in lines}) == 15
    if shared:  # the one does not wait until the other has done it all
        assert {pid for pid, _, _ in lines} == {str(process.pid) for process in asking}


def test_what_a_killed_process_was_at_is_done_by_the_next(tmp_path):
    process = CONTEXT.Process(target=get, args=(tmp_path, 1, 60.0))
    process.start()
    deadline = time.monotonic() + 30
    while not (tmp_path / "computed").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert is_right(get(tmp_path, 1))
    assert len(computed(tmp_path)) == 16


def test_what_two_add_to_one_language_is_all_kept(tmp_path):
    one, other = ({"en": WANTED["en"][:2]}, {"en": WANTED["en"][1:]})
    process = CONTEXT.Process(target=get, args=(tmp_path, None, 0.05, one))
    process.start()
    assert is_right(get(tmp_path, None, 0.05, other), other)
    process.join()
    assert is_right(get(tmp_path, wanted={"en": WANTED["en"]}), {"en": WANTED["en"]})
    assert len(computed(tmp_path)) == 3


def test_who_gives_up_lets_go(tmp_path):
    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        get(tmp_path, progress=stop)
    assert is_right(get(tmp_path))


def test_a_file_whose_parts_do_not_fit_is_made_anew(tmp_path):
    get(tmp_path)
    path = tmp_path / "en.safetensors"
    arrays = load_file(path)
    save_file({**arrays, "keys": arrays["keys"][:-1]}, path)
    assert is_right(get(tmp_path))
    assert len(computed(tmp_path)) == 18
