"""Showing pictures where people look.

| where | what is known of it |
| --- | --- |
| no screen | Matplotlib takes agg, which only writes files |
| a window | the backend is imported, and may fail, at the first figure |
| a browser: WebAgg | `show` serves all figures until Ctrl-C |
| a notebook, inline | `show` shows all figures; after that `%run` draws "the \
current figure", a new and empty one, if `draw_if_interactive` was called |
| a notebook, ipympl | a new figure is shown at once unless `ioff`; `show` \
shows one figure at each call |
"""
import matplotlib.pyplot as plt
from matplotlib.backends.registry import BackendFilter, backend_registry

from lab import one_line


class Screen:
    """Where figures drawn from now on are shown, if anywhere.

    Attributes:
        failure: str, why nothing is shown; None where nothing failed.
    """

    def __init__(self):
        self.opened, self.failure = plt.get_fignums(), None
        try:
            with plt.ioff():
                plt.close(plt.figure())
        except Exception as error:      # backends raise anything
            self.failure = one_line(error)
            plt.switch_backend('agg')   # pictures are saved all the same

    def show(self):
        """Show the figures; close them if that is not possible."""
        shows = plt.get_backend().lower() not in backend_registry.list_builtin(
            BackendFilter.NON_INTERACTIVE)
        try:
            left = []
            while shows and plt.get_fignums() != left:
                left = plt.get_fignums()
                plt.show()
            plt.draw_if_interactive.called = False
        except Exception as error:
            self.failure = one_line(error)
        if self.failure or not shows:   # shown ones still follow the pointer
            for number in set(plt.get_fignums()).difference(self.opened):
                plt.close(number)
