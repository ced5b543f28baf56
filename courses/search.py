"""Chinese search on Wagtail's own backends, for SQLite (FTS5) and PostgreSQL (configuration `simple`).

Both databases cut text into words at spaces, and Chinese has none: as shipped, 质量 is not found in
首席质量官. Here a run of Chinese becomes overlapping pairs at index time (首席 席质 质量 量官 官), and a query
becomes the same pairs next to each other, so that any piece of a text is found, whatever its length.
A standard number is cut into its letters and digits and stored twice, GB/T as `gb t` and as `gbt`.

One seam is not a hook of the search library: its index classes name their `ObjectIndexer` directly.
It is replaced once, at the end of this file. Everything else is ordinary subclassing.

PostgreSQL counts positions up to 16,383 and gives that number to every later word of the page, as in the transcript
of a film of more than an hour. There words that should follow one another are asked for at the same position: all of
them occur, perhaps apart. Elsewhere no two words share a position, so this finds nothing that is not there.
"""

import re
import unicodedata
from array import array
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from django.db import connection
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from modelsearch.backends.base import EmptySearchResults
from modelsearch.query import Phrase, PlainText

if connection.vendor == "postgresql":
    from modelsearch.backends.database.postgres import postgres as database
else:
    from modelsearch.backends.database.sqlite import sqlite as database

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
LETTERS = rf"(?:(?![{HAN}])[^\W\d_])+"
RUN = re.compile(rf"[{HAN}]+|{LETTERS}|\d+")
# GB/T 19001-2016, T/CAQ 10201-2020, ISO/IEC 17025
COMPOUND = re.compile(rf"(?P<letters>{LETTERS}(?:/{LETTERS})+)(?P<number>\s*\d+(?:[.\-–—]\d+)*)?")
SPACE_IN_CHINESE = re.compile(rf"(?<=[{HAN}])[ \t]+(?=[{HAN}])")
WORD = re.compile(rf"[{HAN}\w]+(?:[/.\-–—][{HAN}\w]+)*")
SEPARATORS = frozenset(" \t\r\n/.-–—")
NOWHERE = "nosuchword"


def normal(text: str) -> str:
    """Full-width forms become plain ones, capitals small."""
    return unicodedata.normalize("NFKC", text).casefold()


def is_chinese(character: str) -> bool:
    return re.match(f"[{HAN}]", character) is not None


def _pairs(run):
    return [run[at : at + 2] for at in range(len(run) - 1)]


def indexed(text: str) -> str:
    """What the database stores for a text: the words it can tell apart, in order, with spaces between."""
    text = SPACE_IN_CHINESE.sub("", normal(text))
    tokens: list[str] = []
    at = 0
    while found := RUN.search(text, at):
        compound = COMPOUND.match(text, found.start())
        if compound:
            number = RUN.findall(compound["number"] or "")
            tokens += [*RUN.findall(compound["letters"]), *number, compound["letters"].replace("/", ""), *number]
            at = compound.end()
            continue
        run = found[0]
        tokens += [*_pairs(run), run[-1]] if is_chinese(run) else [run]
        at = found.end()
    return " ".join(tokens)


def words(query: str) -> list[list[str]]:
    """The words of a query; each is a list of tokens that must follow one another in the text."""
    found = [_tokens(word) for word in WORD.findall(normal(query)) if RUN.search(word)]
    return [part for tokens in found for part in _with_room(tokens)]


def _with_room(tokens: list[str]) -> list[list[str]]:
    """GB19001: who leaves out the /T does not say that the number follows the letters at once."""
    return [tokens[:1], tokens[1:]] if tokens[0] == "gb" and len(tokens) > 1 else [tokens]


def _tokens(word):
    tokens: list[str] = []
    at = 0
    while found := RUN.search(word, at):
        compound = COMPOUND.match(word, found.start())
        run = compound["letters"].replace("/", "") if compound else found[0]
        at = compound.end("letters") if compound else found.end()
        if not is_chinese(run):
            tokens.append(run)
        elif RUN.search(word, at) or len(run) == 1:
            tokens += [*_pairs(run), run[-1]]  # its end is known: something else follows
        else:
            tokens += _pairs(run)
    return tokens


@dataclass(frozen=True)
class Folded:
    """The characters of a text that count, normalised, each with the place it came from."""

    line: str
    places: "array[int]"


def folded(text: str) -> Folded:
    kept = [(kept, at) for at, each in enumerate(text) for kept in normal(each) if kept not in SEPARATORS]
    return Folded("".join(each for each, _at in kept), array("L", (at for _each, at in kept)))


def _begins_a_word(text, at):
    here = text.line[at]
    if at == 0 or is_chinese(here):
        return True
    before = text.line[at - 1]
    return (
        text.places[at] - text.places[at - 1] > 1
        or before.isdigit() != here.isdigit()
        or is_chinese(before)
        or not before.isalnum()
    )


def spans(text: str | Folded, query: str) -> list[tuple[int, int]]:
    """Where the words of a query stand in a text, as (from, to), sorted and disjoint."""
    text = folded(text) if isinstance(text, str) else text
    found = []
    for word in WORD.findall(normal(query)):
        needle = "".join(each for each in word if each not in SEPARATORS)
        at = text.line.find(needle)
        while at >= 0:
            if _begins_a_word(text, at):
                found.append((text.places[at], text.places[at + len(needle) - 1] + 1))
            at = text.line.find(needle, at + 1)
    return _joined(sorted(found))


def _joined(found):
    joined: list[tuple[int, int]] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def mark(text: str, query: str) -> SafeString:
    """The text as HTML, with what was searched for in <mark>."""
    parts, at = [], 0
    for start, end in spans(text, query):
        parts.append(format_html("{}<mark>{}</mark>", text[at:start], text[start:end]))
        at = end
    return mark_safe("".join(parts) + format_html("{}", text[at:]))  # noqa: S308 every part was escaped


def holds(text: str, query: str) -> bool:
    """Whether all words of the query stand in the text."""
    return all(spans(text, word) for word in WORD.findall(normal(query)))


class Indexer(database.ObjectIndexer):
    """Cuts each text of an object before it reaches the index."""

    def prepare_value(self, value):
        return indexed(value) if isinstance(value, str) else super().prepare_value(value)


def _asked(query):
    """The words of a query object; a phrase is one word whatever stands in it."""
    if isinstance(query, Phrase):
        return [[token for word in words(query.query_string) for token in word]]
    return words(query.query_string) or [[NOWHERE]]


class Adjacent(database.Lexeme):
    """Tokens that follow one another, the last perhaps only begun."""

    def as_sql(self, compiler, connection):
        if connection.vendor == "sqlite":
            return '"%s"*', [self.value]
        tokens = [f"'{token}'" for token in self.value.split()]
        sequence = " <-> ".join(tokens) + ":*"
        if len(set(tokens)) > 1:
            sequence = f"({sequence}) | ({' <0> '.join(tokens)}:*)"
        return "%s", [f"!({sequence})" if self.invert else f"({sequence})"]


def _lexemes(query, **options):
    combine = or_ if getattr(query, "operator", "and") == "or" else and_
    return reduce(combine, [Adjacent(" ".join(word), prefix=True, **options) for word in _asked(query)])


class SqliteWords:
    def build_search_query_content(self, query, config=None):
        if not isinstance(query, PlainText | Phrase):
            return super().build_search_query_content(query, config=config)
        return database.SearchQueryExpression(_lexemes(query), config=config)


class PostgresWords:
    def build_tsquery_content(self, query, config=None, invert=False):
        if not isinstance(query, PlainText | Phrase):
            return super().build_tsquery_content(query, config=config, invert=invert)
        return database.SearchQuery(_lexemes(query, invert=invert), search_type="raw", config=config)


if connection.vendor == "postgresql":
    Words, Shipped = PostgresWords, database.PostgresSearchBackend
else:
    Words, Shipped = SqliteWords, database.SQLiteSearchBackend


class Query(Words, Shipped.query_compiler_class):
    pass


class BegunQuery(Words, Shipped.autocomplete_query_compiler_class):
    pass


class SearchBackend(Shipped):
    query_compiler_class = Query
    autocomplete_query_compiler_class = BegunQuery

    def _search(self, query_compiler_class, query, model_or_queryset, **kwargs):
        if isinstance(query, str) and not words(query):
            return EmptySearchResults()
        return super()._search(query_compiler_class, query, model_or_queryset, **kwargs)


database.ObjectIndexer = Indexer
