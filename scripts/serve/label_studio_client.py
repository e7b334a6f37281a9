#!/usr/bin/env python3
"""Connects a project of Label Studio to a server: label_studio_client.py ADDRESS FOLDER TOKEN.

FOLDER has the folder `model`, which the server serves. Label Studio's own code calls the server: it checks the address,
sets the project up, asks for predictions, and reports annotations. Then the annotations are exported and trained on, the
folder of the model is replaced, and Label Studio asks again.
"""

import importlib.metadata
import os
import pathlib
import subprocess
import sys
import time

# By default, Label Studio calls no server on this machine, neither for predictions nor to report annotations.
os.environ["ML_BLOCK_LOCAL_IP"] = "false"
os.environ["SSRF_PROTECTION_ENABLED"] = "false"

from label_studio_files import CLIENT, export  # noqa: E402
from ml.models import MLBackend  # noqa: E402
from predicted import TEXTS, equal, predicted, slice_of  # noqa: E402
from tasks.models import Prediction, Task  # noqa: E402

ADDRESS, FOLDER, TOKEN = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
MODEL = FOLDER / "model"
# The project has other names than the model: the label is found by `predicted_values`.
LABELS = {"PER": "Person", "LOC": "LOC", "ORG": "ORG"}
CONFIG = """<View><Header value="Names"/>
<Labels name="ner" toName="body">
<Label value="Person" predicted_values="PER"/><Label value="LOC"/><Label value="ORG"/><Label value="MISC"/>
</Labels>
<Text name="body" value="$message"/></View>"""


def post(path, data, code=201):
    response = CLIENT.post(path, data, format="json")
    assert response.status_code == code, response.content
    return response.json()


def connect(project, **changes):
    login = {"auth_method": "BASIC_AUTH", "basic_auth_user": "anyone", "basic_auth_pass": TOKEN} if TOKEN else {}
    return CLIENT.post("/api/ml", {"project": project, "url": ADDRESS, "title": "gleaner", **login, **changes}, format="json")


def check(tasks, version):
    """The predictions of a version are those of `gleaner predict`. Returns their number of entities."""
    count = 0
    for task in tasks:
        text = task.data["message"]
        prediction = Prediction.objects.get(task=task, model_version=version)
        found = []
        for region in prediction.result:
            value = region["value"]
            assert (region["from_name"], region["to_name"], region["type"]) == ("ner", "body", "labels"), region
            equal(value["text"], slice_of(text, value["start"], value["end"], "utf16"), "text of a region")
            found.append((value["labels"], value["start"], value["end"]))
        expected = [([LABELS[label]], start, end) for label, start, end in predicted(MODEL, text, "utf16")]
        equal(found, expected, text)
        equal(prediction.score is None, not found, "score without entities")
        count += len(found)
    assert count > 4, count
    return count


project = post("/api/projects", {"title": "serve", "label_config": CONFIG})["id"]
post(f"/api/projects/{project}/import", [{"message": text} for text in TEXTS])
if TOKEN:
    refused = connect(project, basic_auth_pass="wrong")
    assert refused.status_code == 400 and b"authentication" in refused.content, refused.content
other = post("/api/projects", {"title": "other", "label_config": CONFIG.replace("PER", "X").replace("LOC", "Y").replace("ORG", "Z")})
refused = connect(other["id"])
assert refused.status_code == 400 and b"valid ML backend" in refused.content, refused.content
connected = connect(project)
assert connected.status_code == 201, connected.content
backend = MLBackend.objects.get(pk=connected.json()["id"])
backend.update_state()
equal(backend.state, "CO", f"state, {backend.error_message}")
first = backend.model_version
tasks = list(Task.objects.filter(project=project).order_by("id"))
backend.predict_tasks(tasks)
count = check(tasks, first)

# What the page asks for while somebody annotates.
versions = CLIENT.get(f"/api/ml/{backend.pk}/versions").json()
equal(versions["versions"], [first], "versions")

# A person accepts the predictions.
for task in tasks:
    result = Prediction.objects.get(task=task, model_version=first).result
    post(f"/api/tasks/{task.pk}/annotations/", {"result": result})
exported = export(project, "JSON", FOLDER / "exported.json")
corpus = FOLDER / "corpus.conll"
subprocess.run([os.environ["GLEANER"], "data", "convert", exported, corpus, "--text-field", "message", "--offsets", "utf16",
                "--map", "Person=PER", "--map", "LOC=LOC", "--map", "ORG=ORG", "--force", "--output", "quiet"], check=True)
subprocess.run([os.environ["GLEANER"], "train", "--start", MODEL, "--train", corpus, "--dev", FOLDER / "sample/af/dev.conll",
                "--epochs", "1", "--lstm-units", "16", "--lstm-layers", "1", "--out", FOLDER / "new", "--output", "quiet"], check=True)
subprocess.run(["rm", "-rf", FOLDER / "before"], check=True)
MODEL.rename(FOLDER / "before")
(FOLDER / "new").rename(MODEL)

# The server loads it within seconds.
for _ in range(600):
    backend.update_state()
    if backend.model_version != first:
        break
    time.sleep(0.1)
second = backend.model_version
assert second != first, second
backend.predict_tasks(tasks)
check(tasks, second)
backend.train()
equal(backend.state, "ER", "state after the button for training, which the server refuses")
print(f"Label Studio {importlib.metadata.version('label-studio')}: {len(tasks)} texts, {count} entities, versions {first} and {second}")
