#!/usr/bin/env python3
"""Check the files of doccano: doccano_files.py FOLDER, where each `.conll` file is a corpus.

Files go through the tasks that doccano's workers run for an upload and a download, with a database of their own.
"""

import importlib.metadata
import os
import pathlib
import sys
import zipfile

import backend

from corpus import check_read, convert, counts, equal, read_conll, spans, text_of, utf16

# Kept between runs, because creating the tables takes a while.
DATA = pathlib.Path(sys.prefix) / "data"
DATA.mkdir(exist_ok=True)
os.environ |= {
    "DATABASE_URL": f"sqlite:///{DATA}/db.sqlite3",
    "MEDIA_ROOT": str(DATA / "media"),
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
}
sys.path.insert(0, str(pathlib.Path(backend.__file__).parent))

import django  # noqa: E402

django.setup()

from django.core.files import File  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django_drf_filepond.models import TemporaryUpload  # noqa: E402
from django_drf_filepond.utils import _get_file_id  # noqa: E402
from data_export.celery_tasks import export_dataset  # noqa: E402
from data_import.celery_tasks import import_dataset  # noqa: E402
from examples.models import Example  # noqa: E402
from labels.models import Span  # noqa: E402
from projects.models import ProjectType, SequenceLabelingProject  # noqa: E402

call_command("migrate", verbosity=0)
USER = get_user_model().objects.first() or get_user_model().objects.create_user("checker")


def project(**options):
    return SequenceLabelingProject.objects.create(
        name="check", description="check", project_type=ProjectType.SEQUENCE_LABELING, created_by=USER,
        collaborative_annotation=True, **options)


def upload(target, path, kind):
    """Imports a file into a project."""
    key = _get_file_id()
    with path.open("rb") as file:
        TemporaryUpload.objects.create(
            upload_id=key, file_id=key, file=File(file, path.name), upload_name=path.name, upload_type="F")
    # UTF-8 is what the form for uploads proposes.
    answer = import_dataset(USER.id, target.id, kind, [key], ProjectType.SEQUENCE_LABELING, encoding="utf_8")
    assert answer == {"error": []}, answer


def export(target, path):
    archive = export_dataset(target.id, "JSONL", False)
    with zipfile.ZipFile(archive) as file:
        path.write_bytes(file.read("all.jsonl"))
    os.remove(archive)
    return path


def check_stored(target, sentences, length):
    examples = list(Example.objects.filter(project=target).order_by("id"))
    equal((example.text for example in examples), (text_of(words) for words, _ in sentences), "text in doccano")
    for example, (words, tags) in zip(examples, sentences):
        stored = Span.objects.filter(example=example).order_by("start_offset")
        equal(((span.start_offset, span.end_offset, span.label.text) for span in stored), spans(words, tags, length), "spans in doccano")


def check(source, sentences):
    for unit, length in [("scalar", len), ("utf16", utf16)]:
        ours = convert(source, source.with_name(f"{source.stem}-{unit}.jsonl"), "--to", "doccano", "--to-offsets", unit)
        target = project()
        upload(target, ours, "JSONL")
        check_stored(target, sentences, length)
        theirs = export(target, source.with_name(f"{source.stem}-{unit}-export.jsonl"))
        check_read(theirs, sentences, "--offsets", unit)
    # Its other format is CoNLL in two columns.
    target = project()
    upload(target, convert(source, source.with_name(source.stem + "-columns.conll"), "--to", "conll"), "CoNLL")
    check_stored(target, sentences, len)


if __name__ == "__main__":
    for source in sorted(pathlib.Path(sys.argv[1]).glob("*.conll")):
        sentences = read_conll(source)
        check(source, sentences)
        print(f"doccano {importlib.metadata.version('doccano')}: {counts(sentences)}")
