"""How phrases fit a question: the loops of ranking, compiled.

They see arrays only: what a question, a table or a candidate is, ranking knows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from services.search.classes import Class
from services.search.compiling import compiled
from services.search.shelf import FURTHER, SUMMARY, TITLE

CONTEXT_COUNTS = np.float32(0.85)
SUMMARY_COUNTS = np.float32(0.5)
"""What a word counts in what stands above an entry and in our text."""
ELSEWHERE_COUNTS = np.float32(0.85)
"""What a word counts that stands in another phrase of the candidate, against one in the phrase itself."""
AGAIN = np.float32(0.1)
"""What a word counts of which the question has another form or itself before: atrophy, atrophic."""
IN_FRONT = np.float32(0.03)
"""What it counts, while the last word is unfinished, that a phrase begins with the first: diabet, diabetes mellitus."""
SPECIFIC = np.float32(0.3)
"""How much a word of the title that nobody asked for costs, against one that was asked for and is there."""
STARTED = np.float32(0.9)
"""What a term counts that a word begins."""
ITSELF = np.float32(1.0)
"""What it counts for itself."""
LITERALLY, OF_ONE_STEM, NEAR = np.float32(0.95), np.float32(0.74), np.float32(0.6)
"""What each word counts at least, to fit literally, by its stem, by its meaning."""
FAR = np.float32(0.49)
"""What far kin of a word count at most: less than its meaning above an entry, or itself in our text."""
EXACT_TITLE, EXACT_TERM, PHRASE = int(Class.EXACT_TITLE), int(Class.EXACT_TERM), int(Class.PHRASE)
ALL_WORDS, STARTS, ELSEWHERE = int(Class.ALL_WORDS), int(Class.STARTS), int(Class.ELSEWHERE)
SOME_WORDS = int(Class.SOME_WORDS)


@compiled()
def _told(terms: Any, spans: Any, weights: Any) -> Any:
    """How telling each word is, and for one that is said again the place where it is said first.

    One that says again what another says in whatever form tells less.
    """
    numbers, counts = terms
    told, before = weights.copy(), np.full(len(weights), -1, np.int16)
    for place in range(1, len(weights)):
        again = False
        for at in range(spans[place, 1], spans[place, 2]):
            earlier = place if counts[at] < NEAR else _said(numbers[at], terms, spans[:place])
            if earlier < place:
                again = True
                if counts[at] == ITSELF:
                    before[place] = earlier
        if again:
            told[place] *= AGAIN
    return told, before


@compiled()
def _said(number: Any, terms: Any, spans: Any) -> Any:
    """The first of some words that is itself a term; the place behind them where none is."""
    numbers, counts = terms
    for place in range(len(spans)):
        for at in range(spans[place, 1], spans[place, 2]):
            if numbers[at] == number and counts[at] == ITSELF:
                return place
    return len(spans)


@compiled()
def _mark(marks: Any, terms: Any, spans: Any, begun: Any) -> None:
    """Write by term which word of the question it stands for and what it counts; the first word has the last say."""
    word_of, count_of = marks
    numbers, counts = terms
    for number in range(begun[0], begun[1]):
        word_of[number], count_of[number] = len(spans) - 1, STARTED
    for word in range(len(spans) - 1, -1, -1):
        for at in range(spans[word, 0], spans[word, 2]):
            number = numbers[at]
            if counts[at] >= count_of[number] or word_of[number] == word:
                word_of[number], count_of[number] = word, counts[at]


@compiled()
def _unmark(marks: Any, terms: Any, spans: Any, begun: Any) -> None:
    word_of, count_of = marks
    for number in range(begun[0], begun[1]):
        word_of[number], count_of[number] = -1, np.float32(0.0)
    for number in terms[0][spans[0, 0] : spans[-1, 2]]:
        word_of[number], count_of[number] = -1, np.float32(0.0)


@compiled()
def _spread(rows: Any, first: Any) -> Any:
    """The phrases of candidates, one behind the other, and where those of each begin; one more at the end."""
    begins = np.zeros(len(rows) + 1, np.int64)
    for place in range(len(rows)):
        begins[place + 1] = begins[place] + first[rows[place] + 1] - first[rows[place]]
    phrases = np.empty(begins[-1], np.int64)
    for place in range(len(rows)):
        for at in range(begins[place], begins[place + 1]):
            phrases[at] = first[rows[place]] + at - begins[place]
    return phrases, begins


@compiled()
def _fill(phrases: Any, table: Any, marks: Any, size: int) -> Any:
    """What each word counts in each phrase, and the weight of the phrase's terms that were not asked for."""
    terms, starts, _, _, weight, phrase_weight = table
    word_of, count_of = marks
    filled = np.zeros((len(phrases), size), np.float32)
    missed = np.empty(len(phrases), np.float32)
    for at in range(len(phrases)):
        asked = 0.0
        for place in range(starts[phrases[at]], starts[phrases[at] + 1]):
            term = terms[place]
            word = word_of[term]
            if word >= 0:
                filled[at, word] = max(filled[at, word], count_of[term])
                if count_of[term] >= NEAR:
                    asked += weight[term]
        missed[at] = max(phrase_weight[phrases[at]] - asked, 0.0)
    return filled, missed


@compiled()
def _best(filled: Any, phrases: Any, begins: Any, kinds: Any) -> Any:
    """What each word counts in the phrases of each candidate together."""
    best = np.zeros((len(begins) - 1, filled.shape[1]), np.float32)
    for row in range(len(best)):
        for at in range(begins[row], begins[row + 1]):
            kind = kinds[phrases[at]]
            counts = np.float32(1.0)
            if kind >= SUMMARY:
                counts = SUMMARY_COUNTS if kind == SUMMARY else CONTEXT_COUNTS
            for word in range(filled.shape[1]):
                best[row, word] = max(best[row, word], filled[at, word] * counts)
    return best


@compiled()
def _repeat(counted: Any, before: Any) -> None:
    """A word that is said again is where it was found for the first time."""
    for word in range(len(before)):
        if before[word] >= 0:
            for at in range(len(counted)):
                counted[at, word] = max(counted[at, word], counted[at, before[word]])


@compiled()
def _scores(filled: Any, best: Any, begins: Any, missed: Any, weights: Any) -> Any:
    """How much of what was asked for each phrase has, with what else its candidate has."""
    total = np.float32(0.0)
    for weight in weights:
        total += weight
    total = total if total > 0 else np.float32(1.0)
    scores = np.empty(len(filled), np.float32)
    for row in range(len(best)):
        for at in range(begins[row], begins[row + 1]):
            score = np.float32(0.0)
            for word in range(len(weights)):
                score += weights[word] * max(filled[at, word], ELSEWHERE_COUNTS * best[row, word])
            scores[at] = score / total - SPECIFIC * missed[at] / (missed[at] + total)
    return scores


@compiled()
def _side_by_side(terms: Any, span: Any, marks: Any, before: Any) -> bool:
    """Whether the words stand in their order and side by side somewhere in a phrase."""
    word_of, count_of = marks
    for front in range(span[0], span[1] - len(before) + 1):
        place = 0
        while place < len(before):
            expected = before[place] if before[place] >= 0 else place
            term = terms[front + place]
            if word_of[term] != expected or count_of[term] < NEAR:
                break
            place += 1
        if place == len(before):
            return True
    return False


@compiled()
def _classes(filled: Any, phrases: Any, table: Any, marks: Any, before: Any) -> Any:
    """The class of each phrase by itself."""
    terms, starts, kinds = table[0], table[1], table[2]
    classes = np.full(len(phrases), SOME_WORDS, np.int8)
    for at in range(len(phrases)):
        least = np.float32(np.inf)
        for word in range(len(before)):
            least = min(least, filled[at, word])
        kind, begin, end = kinds[phrases[at]], starts[phrases[at]], starts[phrases[at] + 1]
        if kind >= SUMMARY or least < NEAR:
            continue
        if least < LITERALLY:
            classes[at] = STARTS if least >= OF_ONE_STEM else ELSEWHERE
        elif not _side_by_side(terms, (begin, end), marks, before):
            classes[at] = ALL_WORDS
        elif end - begin != len(before):
            classes[at] = PHRASE
        else:
            classes[at] = EXACT_TITLE if kind == TITLE else EXACT_TERM
        if kind == FURTHER:
            classes[at] += 1  # what others call it stands behind what has the words in a title or term of its own
    return classes


@compiled()
def _write(candidates: Any, fits: Any, covered: Any, forms: Any, to: Any) -> Any:
    """Write each candidate with the first of its phrases that fit best."""
    rows, phrases, begins = candidates
    classes, scores = fits
    number, substituted, unfinished = forms
    end, to_rows, to_classes, to_scores, to_phrases, to_asked = to
    for row in range(len(rows)):
        least, at = np.inf, -1
        for place in range(begins[row], begins[row + 1]):
            if classes[place] * 10.0 - scores[place] < least:
                least, at = classes[place] * 10.0 - scores[place], place
        if at < 0 or not (covered[row] or scores[at] > -1.0):
            continue
        cls = classes[at]
        if cls == SOME_WORDS and covered[row]:
            cls = ELSEWHERE
        if substituted and cls <= EXACT_TERM:
            cls += 1  # of words that the lexicon put in place of others the best classes are a step lower
        if unfinished and cls < STARTS:
            cls = STARTS
        to_rows[end], to_classes[end], to_scores[end] = rows[row], cls, scores[at]
        to_phrases[end], to_asked[end] = phrases[at], number
        end += 1
    return end


@compiled()
def _covered(best: Any) -> Any:
    """Whether every word is anywhere in what a candidate has; far kin are not enough."""
    covered = np.ones(len(best), np.bool_)
    for row in range(len(best)):
        for word in range(best.shape[1]):
            covered[row] &= best[row, word] > FAR
    return covered


@compiled()
def _fit(rows: Any, table: Any, marks: Any, question: Any, to: Any) -> Any:
    """Write the candidates of one question."""
    terms, spans, weights, begun, in_front, forms = question
    weights, before = _told(terms, spans, weights)
    word_of, kinds = marks[0], table[2]
    _mark(marks, terms, spans, begun)
    phrases, begins = _spread(rows, table[3])
    filled, missed = _fill(phrases, table, marks, len(weights))
    best = _best(filled, phrases, begins, kinds)
    _repeat(filled, before)
    _repeat(best, before)
    scores = _scores(filled, best, begins, missed, weights)
    for at in range(len(phrases)):
        if kinds[phrases[at]] >= SUMMARY:
            scores[at] = -1.0
        elif in_front and word_of[table[0][table[1][phrases[at]]]] == 0:
            scores[at] += IN_FRONT
    fits = _classes(filled, phrases, table, marks, before), scores
    _unmark(marks, terms, spans, begun)
    return _write((rows, phrases, begins), fits, _covered(best), forms, to)


@compiled(
    "i8(Tuple((i8[::1], i8[::1])),"
    " Tuple((i4[::1], i4[::1], i1[::1], i4[::1], f4[::1], f4[::1])),"
    " Tuple((i2[::1], f4[::1])),"
    " Tuple((Tuple((i8[::1], f4[::1])), Tuple((i8[::1], i8[::1], f4[::1])), i8[:,::1])),"
    " Tuple((i8[::1], i1[::1], f8[::1], i8[::1], i2[::1])))"
)
def fit(candidates: Any, table: Any, marks: Any, asked: Any, to: Any) -> Any:
    """Write the candidates of some questions, those that have anything of theirs; gives the place behind the last.

    Candidates are rows, and where those of each question end. The table is terms, where phrases begin in them, kinds,
    where entries begin in those, and the weights of terms and phrases; the marks are by term and empty. Of the
    questions are given the terms that stand for their words with what each counts; of each word how many of its terms
    only begin with it, where its terms end, and how telling it is; and of each question how many words it has, the
    terms that the last of them begins, whether beginnings of phrases tell, whether words were put in place of others,
    and whether those are only begun.
    """
    rows, ends = candidates
    terms, (later, places, weights), questions = asked
    spans = np.empty((len(places), 3), np.int64)
    for word in range(len(places)):
        spans[word, 0] = places[word - 1] if word else 0
        spans[word, 1], spans[word, 2] = spans[word, 0] + later[word], places[word]
    end = first = begin = 0
    for number in range(len(questions)):
        last = first + questions[number, 0]
        begun = questions[number, 1], questions[number, 2]
        forms = number, questions[number, 4] > 0, questions[number, 5] > 0
        question = terms, spans[first:last], weights[first:last], begun, questions[number, 3] > 0, forms
        end = _fit(rows[begin : ends[number]], table, marks, question, (end, *to))
        begin, first = ends[number], last
    return end
