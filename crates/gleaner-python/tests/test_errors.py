"""Bad input raises exceptions of Gleaner, with the words of the command line, and never a panic."""

import random
import shutil
from pathlib import Path
from typing import Any

import gleaner
import pytest
from test_tagger import command


def test_each_exit_code_has_its_exception() -> None:
    from gleaner import _errors

    for code, class_ in _errors._CLASSES.items():
        assert type(_errors.of(code, "x")) is class_ and class_.exit_code == code
    assert type(_errors.of(6, "x")) is gleaner.GleanerError


@pytest.mark.parametrize(
    ("settings", "options"),
    [
        ({"data": "sample:xx"}, ["--data", "sample:xx"]),
        ({"data": "missing-folder"}, ["--data", "missing-folder"]),
        ({"encoder": "./missing"}, ["--encoder", "./missing"]),
        ({"epochs": 0}, ["--epochs", "0"]),
        ({"device": "cuda"}, ["--device", "cuda"]),
        ({"label_map": {"PER": "X"}}, ["--map", "PER=X"]),
    ],
)
def test_errors_have_the_words_of_the_command(settings: dict[str, Any], options: list[str], tmp_path: Path) -> None:
    given = {"data": "sample:af", "encoder": "sample:tiny", **settings}
    for name, value in given.items():
        if name in ("data", "encoder") and name not in settings:
            options = [*options, f"--{name}", value]
    with pytest.raises(gleaner.GleanerError) as raised:
        gleaner.train(**given, out=tmp_path / "m")
    done = command("train", *options, "--out", str(tmp_path / "m"))
    assert done.stderr.splitlines()[-1] == f"error: {raised.value}"
    assert done.returncode == raised.value.exit_code
    assert type(raised.value) is not gleaner.GleanerError
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("settings", [{"pool": ["raw.txt"]}, {"train_limit": 5}, {"split": "80-10-10"}, {"label_map": {"PER": "X"}}, {"skip_bad": True}])
def test_settings_of_files_are_refused_for_sentences_in_memory(settings: dict[str, Any], tmp_path: Path) -> None:
    words, tags = [["Anna", "woon"]] * 20, [["B-PER", "O"]] * 20
    with pytest.raises(gleaner.SettingsError) as raised:
        gleaner.train((words, tags), encoder="sample:tiny", **settings, out=tmp_path / "m")
    (name,) = settings
    assert str(raised.value) == f"{name}: no effect on sentences in memory; write them to files, or leave it out"
    assert not (tmp_path / "m").exists()


def test_a_damaged_model_has_the_error_of_the_command(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "m")
    (tmp_path / "m" / "config.json").write_text("{")
    with pytest.raises(gleaner.ModelError) as raised:
        gleaner.Tagger.load(tmp_path / "m")
    done = command("predict", str(tmp_path / "m"), text="Anna")
    assert done.stderr.splitlines()[-1] == f"error: {raised.value}"
    assert done.returncode == raised.value.exit_code == 4


@pytest.mark.parametrize(
    ("sentences", "says"),
    [
        (None, "expected a list of lists of words, found NoneType; give lists of str"),
        ("Anna", "expected a list of lists of words, found str; cut it into words, or call the tagger with it"),
        (["Anna"], "sentence 1: expected a list of words, found str; cut it into words"),
        ([["a"], None], "sentence 2: expected a list of words, found NoneType; give lists of str"),
        ([["a", None]], "sentence 1, word 2: expected a str, found NoneType; convert it"),
        ([[float("nan")]], "sentence 1, word 1: expected a str, found float; convert it"),
        ([["a", "\ud83d"]], "sentence 1, word 2: half of a surrogate pair"),
        ([[["a"]]], "sentence 1, word 1: expected a str, found list; convert it"),
        (7, "expected a list of lists of words, found int"),
    ],
)
def test_bad_sentences_are_refused_by_their_place(tagger: gleaner.Tagger, sentences: Any, says: str) -> None:
    for method in (tagger.tag, tagger.spans, tagger.label, tagger.probabilities):
        with pytest.raises(gleaner.TextError) as raised:
            method(sentences)
        assert str(raised.value).startswith(says)
        assert isinstance(raised.value, ValueError)


def test_bad_texts_are_refused_by_their_place(tagger: gleaner.Tagger) -> None:
    for text in (None, 3, b"Anna", ["Anna"], "\udc00"):
        with pytest.raises(gleaner.TextError, match="^text 1: "):
            tagger(text)  # type: ignore[arg-type]
    with pytest.raises(gleaner.TextError, match="^text 2:1: .*Thai"):
        list(tagger.pipe(["Anna", "สวัสดีชาวโลกทั้งหมดที่นี่"]))
    with pytest.raises(gleaner.TextError, match="expected several texts, found one str"):
        tagger.pipe("Anna")
    for size in (0, -1, 1.5, None, True):
        with pytest.raises(gleaner.SettingsError, match="batch_size"):
            tagger.pipe([], batch_size=size)  # type: ignore[arg-type]


def test_exceptions_of_generators_are_kept(tagger: gleaner.Tagger) -> None:
    def broken() -> Any:
        yield ["Anna"]
        raise LookupError("my own")

    for call in (tagger.tag, lambda sentences: list(tagger.label_pipe(sentences))):
        with pytest.raises(LookupError, match="my own"):
            call(broken())


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (([["a"]], [["O"], ["O"]]), "train: 1 sentences, but 2 lists of tags"),
        (([["a", "b"]], [["O"]]), "train: sentence 1: 2 words, but 1 tags; give each word one tag"),
        (([["a"]], [["S-X"]]), "train: sentence 1: `S-X` is not an IOB2 tag"),
        (([["a"]], [[0]]), "train: sentence 1, tag 1: expected a str, found int"),
        (([["a"], [None]], [["O"], ["O"]]), "train: sentence 2, word 1: expected a str, found NoneType"),
        (([[]], [[]]), "train: sentence 1: no words"),
        ({"a": [], "b": []}, "columns: none of a, b is known to hold words"),
        (3.5, "expected a path, a pair (words, tags) or a table, found float"),
        ([[["a"]], [["O"]]], "expected a path, a pair (words, tags) or a table, found list"),
    ],
)
def test_bad_training_text_is_refused_by_its_place(data: Any, says: str, tmp_path: Path) -> None:
    with pytest.raises((gleaner.TextError, gleaner.SettingsError)) as raised:
        gleaner.train(data, encoder="sample:tiny", out=tmp_path / "m")
    assert str(raised.value).startswith(says)
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"epoch": 3}, "unknown key `epoch`; `gleaner train --help` lists the keys"),
        ({"epochs": "three"}, "invalid type: string \"three\""),
        ({"epochs": -1}, "invalid value: integer `-1`"),
        ({"rate_encoder": float("nan")}, "rate_encoder: nan is not a number"),
        ({"encoder": object()}, "encoder: expected a str, a number, a path or a list, found object"),
        ({"encoder": "\udc80"}, "encoder: half of a surrogate pair"),
        ({"dev": ([["a"]], [["O"]])}, "dev: sentences in memory beside training text in files"),
        ({"progress": 3}, "progress: expected a function, found int"),
        ({"resume": True, "out": None}, "resume: there is nothing to continue"),
        ({"out": 3}, "out: expected a path, found 3"),
        ({"out": "a\0b"}, "out: expected a path"),
    ],
)
def test_bad_settings_are_refused_by_their_name(settings: dict[str, Any], says: str, tmp_path: Path) -> None:
    with pytest.raises(gleaner.SettingsError) as raised:
        gleaner.train("sample:af", **{"out": tmp_path / "m", "encoder": "sample:tiny", **settings})
    assert str(raised.value).startswith(says), raised.value


def test_training_text_must_be_named(tmp_path: Path) -> None:
    with pytest.raises(gleaner.SettingsError, match="no training data"):
        gleaner.train(encoder="sample:tiny", out=tmp_path / "m")


def test_scores_need_known_types(tagger: gleaner.Tagger) -> None:
    with pytest.raises(gleaner.TextError, match="^test: .*VEHICLE"):
        tagger.evaluate(([["a"]], [["B-VEHICLE"]]))
    with pytest.raises(gleaner.SettingsError, match="skip_bad: only for text in files"):
        tagger.evaluate(([["a"]], [["O"]]), skip_bad=True)
    with pytest.raises(gleaner.SettingsError, match="resamples"):
        tagger.evaluate("sample:af", resamples=-1)
    with pytest.raises(gleaner.FileError, match="missing.conll: no such file"):
        tagger.evaluate("missing.conll")


def made_up(draw: random.Random, depth: int) -> Any:
    """A value as it may come out of a broken program."""
    words = ["Anna", "", " ", "\0", "\n", "\u200b", "\ufeff", "👩‍👩‍👧", "e\u0301", "a" * 3000]
    words += ["\ud800", "\udfff", "สวัสดี"]
    others: list[Any] = [None, float("nan"), float("inf"), 0, -1, 2**70, True, b"\xff", object()]
    others += [{}, {"a": 1}, set(), range(3)]
    if depth == 0 or draw.random() < 0.2:
        return draw.choice(words if draw.random() < 0.7 else others)
    made = [made_up(draw, depth - 1) for _ in range(draw.randrange(4))]
    return draw.choice([list, tuple, iter])(made)


def test_made_up_input_never_panics(tagger: gleaner.Tagger) -> None:
    draw = random.Random(7)
    labelled = 0
    for _ in range(1500):
        value, data = made_up(draw, 3), (made_up(draw, 3), made_up(draw, 3))
        for call, given in ((tagger.tag, value), (tagger, value), (tagger.evaluate, data)):
            try:
                call(given)
                labelled += 1
            except gleaner.InternalError:
                raise
            except gleaner.GleanerError as error:
                assert error.exit_code in (1, 2, 3) and str(error)
    assert labelled > 100


def test_every_word_gets_a_tag(tagger: gleaner.Tagger) -> None:
    draw = random.Random(8)
    for _ in range(300):
        words = ["".join(chr(draw.choice((draw.randrange(1, 0xD800), draw.randrange(0xE000, 0x110000))))
                         for _ in range(draw.randrange(6))) for _ in range(draw.randrange(9))]  # fmt: skip
        (tagged,) = tagger.label([words])
        assert len(tagged.tags) == len(words)
        assert all(0 <= span.start < span.end <= len(words) for span in tagged.spans)
