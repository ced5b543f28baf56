"""Tasks at once, as the tests want them; those of a stage that is being built run once, when it stands."""

from contextlib import contextmanager

from django_tasks.backends.immediate import ImmediateBackend

_held = None  # task results by what they would do, while a stage is being built


class Backend(ImmediateBackend):
    def _execute_task(self, task_result):
        if _held is None:
            super()._execute_task(task_result)
        else:
            _held[task_result.task.module_path, repr((task_result.args, task_result.kwargs))] = self, task_result


@contextmanager
def together():
    """A page enters the indexes four times while it is made and published; here it does once, at the end."""
    global _held
    if _held is not None:
        yield
        return
    _held = {}
    try:
        yield
    finally:
        waiting, _held = _held, None
    for backend, result in waiting.values():
        backend._execute_task(result)
