"""Sends a model with the hub's own library, twice: the second time nothing may change.

push.py FOLDER OWNER/NAME     # of the hub in HF_ENDPOINT, with HF_TOKEN
"""

import sys

from huggingface_hub import HfApi


def main(folder, repository):
    api = HfApi()
    api.create_repo(repository, exist_ok=True)
    first = api.upload_folder(repo_id=repository, folder_path=folder)
    again = api.upload_folder(repo_id=repository, folder_path=folder)
    assert first.oid == again.oid, (first, again)
    listed = {file.rfilename for file in api.model_info(repository, revision="main").siblings}
    assert {"gleaner.json", "model.safetensors", "README.md"} <= listed, listed


main(*sys.argv[1:])
