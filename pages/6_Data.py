"""Data: what is in a task, how its languages compare, and data of one's own."""

from mslt_core.ui import data_browser, data_upload, data_views, frame, words

with frame.page(words.DATA) as store:
    view = data_browser.view()
    if view == "own":
        data_upload.own()
    elif chosen := data_browser.task_and_split(with_split=view != "map"):
        if view == "browse":
            data_browser.browse(chosen)
        elif view == "balance":
            data_views.balance(chosen)
        elif view == "length":
            data_views.length(store, chosen)
        else:
            data_views.places(chosen)
