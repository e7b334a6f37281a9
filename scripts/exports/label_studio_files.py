#!/usr/bin/env python3
"""Check the files of Label Studio: label_studio_files.py FOLDER, where each `.conll` file is a corpus.

Files go through the HTTP interface of a Label Studio with a database of its own, as if they were uploaded and exported
in the browser.
"""

import importlib.metadata
import os
import pathlib
import sys

from corpus import check_read, convert, counts, entities, equal, read_conll, spans, text_of, utf16

# Kept between runs, because creating the tables takes a minute.
DATA = pathlib.Path(sys.prefix) / "data"
DATA.mkdir(exist_ok=True)
os.environ |= {
    "LABEL_STUDIO_BASE_DATA_DIR": str(DATA),
    "DJANGO_DB": "sqlite",
    "DJANGO_SETTINGS_MODULE": "core.settings.label_studio",
    "SENTRY_DSN": "",
    "FRONTEND_SENTRY_DSN": "",
    "COLLECT_ANALYTICS": "false",
    "LATEST_VERSION_CHECK": "false",
    "LOG_LEVEL": "ERROR",
}

import label_studio  # noqa: E402

sys.path.insert(0, str(pathlib.Path(label_studio.__file__).parent))

import django  # noqa: E402

django.setup()

from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.core.management import call_command  # noqa: E402
from organizations.models import Organization  # noqa: E402
from rest_framework.test import APIClient  # noqa: E402
from tasks.models import Annotation, Task  # noqa: E402
from users.models import User  # noqa: E402

call_command("migrate", verbosity=0)
USER = User.objects.first() or User.objects.create_user("checker@example.com")
USER.active_organization = Organization.objects.first() or Organization.create_organization(created_by=USER, title="check")
USER.save()
CLIENT = APIClient()
CLIENT.force_authenticate(USER)


def project(sentences):
    """A new project for the types of these sentences."""
    names = sorted({name for _, tags in sentences for _, _, name in entities(tags)})
    labels = "".join(f'<Label value="{name}"/>' for name in names)
    config = f'<View><Labels name="label" toName="text">{labels}</Labels><Text name="text" value="$text"/></View>'
    response = CLIENT.post("/api/projects", {"title": "check", "label_config": config}, format="json")
    assert response.status_code == 201, response.content
    return response.json()["id"]


def upload(number, path):
    """Imports a file into a project."""
    file = SimpleUploadedFile(path.name, path.read_bytes(), content_type="application/json")
    response = CLIENT.post(f"/api/projects/{number}/import?commit_to_project=true", {path.name: file}, format="multipart")
    assert response.status_code == 201, response.content
    return response.json()


def export(number, kind, path):
    response = CLIENT.get(f"/api/projects/{number}/export?exportType={kind}&download_all_tasks=false")
    assert response.status_code == 200, response.content
    path.write_bytes(b"".join(response.streaming_content) if response.streaming else response.content)
    return path


def regions(words, tags, length):
    """The regions that Label Studio must have for a sentence."""
    text = text_of(words)
    return [{"start": start, "end": end, "text": text[first:last], "labels": [name]}
            for (start, end, name), (first, last, _) in zip(spans(words, tags, length), spans(words, tags))]


def check_import(path, sentences, length):
    """Imports a file and checks what the database has. Returns the number of the project."""
    number = project(sentences)
    answer = upload(number, path)
    assert (answer["task_count"], answer["annotation_count"]) == (len(sentences), len(sentences)), answer
    tasks = list(Task.objects.filter(project=number).order_by("id"))
    equal((task.data["text"] for task in tasks), (text_of(words) for words, _ in sentences), "text in Label Studio")
    for task, (words, tags) in zip(tasks, sentences):
        (annotation,) = Annotation.objects.filter(task=task)
        equal([(result["type"], result["from_name"], result["to_name"], result["value"]) for result in annotation.result],
              [("labels", "label", "text", region) for region in regions(words, tags, length)], "regions in Label Studio")
    return number


def check(source, sentences):
    for unit, length in [("scalar", len), ("utf16", utf16)]:
        ours = convert(source, source.with_name(f"{source.stem}-{unit}.json"), "--to", "label-studio", "--to-offsets", unit)
        number = check_import(ours, sentences, length)
        for kind in ["JSON", "JSON_MIN"]:
            theirs = export(number, kind, source.with_name(f"{source.stem}-{unit}-{kind}.json"))
            check_read(theirs, sentences, "--offsets", unit)


if __name__ == "__main__":
    for source in sorted(pathlib.Path(sys.argv[1]).glob("*.conll")):
        sentences = read_conll(source)
        check(source, sentences)
        print(f"Label Studio {importlib.metadata.version('label-studio')}: {counts(sentences)}")
