"""MLflow's own client on a run of Gleaner: mlflow_run.py ADDRESS EXPERIMENT MODEL"""

import pathlib
import sys

import mlflow

import expected

address, experiment, model = sys.argv[1:]
client = mlflow.MlflowClient(address)
found = client.get_experiment_by_name(experiment)
(run,) = client.search_runs([found.experiment_id])
assert run.info.status == "FINISHED", run.info
assert run.info.run_name == pathlib.Path(model).name, run.info
assert run.info.end_time >= run.info.start_time, run.info
wanted = expected.scalars(model)
assert set(run.data.metrics) == set(wanted), (run.data.metrics, wanted)
for name, curve in wanted.items():
    read = {metric.step: metric.value for metric in client.get_metric_history(run.info.run_id, name)}
    assert read == curve, (name, read, curve)
for name, value in expected.parameters(model).items():
    assert run.data.params[name] == value, (name, run.data.params[name], value)
mlflow.set_tracking_uri(address)
for name in ("README.md", "gleaner.json"):
    stored = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path=name)
    assert pathlib.Path(stored).read_bytes() == (pathlib.Path(model) / name).read_bytes(), name
print(f"mlflow {mlflow.__version__}: {len(wanted)} curves, {len(run.data.params)} parameters, 2 files")
