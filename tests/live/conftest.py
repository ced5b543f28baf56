"""What a room leaves behind in its process is not there for the next test."""

import pytest

from live import words


@pytest.fixture(autouse=True)
def no_words_of_others():
    words.forget()
