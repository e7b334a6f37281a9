"""Studies."""

from pathlib import Path

import gleaner
import pytest

STUDY = """
title = "Two baselines"
protocol = "sound"
encoder = "sample:tiny"
seeds = [1, 2]

[languages.af]
data = "sample:af"

[experiments.baseline]
settings = { epochs = 1 }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "study.toml"
    path.write_text(STUDY)
    return path


def test_a_study_is_stopped_continued_and_reported(file: Path, tmp_path: Path) -> None:
    study = gleaner.Study(file, out=tmp_path / "results")
    assert study.folder == tmp_path / "results"
    assert [run.name for run in study.runs()] == ["baseline/af/seed1", "baseline/af/seed2"]
    assert not any(run.done for run in study.runs())

    class Enough(Exception):
        pass

    def stop(event: gleaner.Event) -> None:
        if event["event"] == "finished":
            raise Enough

    with pytest.raises(Enough):
        study.run(jobs=1, progress=stop)
    first, second = study.runs()
    assert first.done and not second.done
    assert first.settings["seed"] == 1 and first.needs is None

    events: list[str] = []
    report = study.run(progress=lambda event: events.append(event["event"]))
    assert events.count("finished") == 1 and "epoch" in events
    assert report["title"] == "Two baselines"
    assert all(run.done for run in gleaner.Study(file, out=tmp_path / "results").runs())
    assert study.report() == report
    assert (tmp_path / "results" / "summary.md").is_file()


def test_errors_have_the_words_of_the_command(file: Path, tmp_path: Path) -> None:
    with pytest.raises(gleaner.SettingsError, match="seeds"):
        file.write_text(STUDY.replace("[1, 2]", "[]"))
        gleaner.Study(file, out=tmp_path / "results")
    file.write_text(STUDY)
    study = gleaner.Study(file, out=tmp_path / "results")
    with pytest.raises(gleaner.SettingsError, match="no run"):
        study.run(only="no-such-run")
    with pytest.raises(gleaner.SettingsError, match="jobs: expected a number from 1, found 0"):
        study.run(jobs=0)
    with pytest.raises(gleaner.SettingsError, match="run the study first"):
        study.report()


def test_runs_that_fail_are_reported(file: Path, tmp_path: Path) -> None:
    file.write_text(STUDY.replace("epochs = 1", "epochs = 1, rate-lstm = 1e30, rate-linear = 1e30"))
    study = gleaner.Study(file, out=tmp_path / "results")
    events: list[str] = []
    with pytest.raises(gleaner.RunsError, match="runs failed: 2") as raised:
        study.run(progress=lambda event: events.append(event["event"]))
    assert raised.value.exit_code == 5
    assert events.count("failed") == 2
