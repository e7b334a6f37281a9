//! MLflow's tracking server, over its REST interface (version 2.0, as MLflow 1.0 and later have it).

mod client;
mod environment;

use crate::{
    TrackError,
    run::{Outcome, Run, Sink},
};
use client::Client;
use environment::{Environment, Experiment};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

/// Maximum number of parameters in a request.
const BATCH: usize = 100;

/// Maximum number of characters of a parameter's value, of MLflow 2.8 and later.
const LONGEST: usize = 6000;

/// A run on a server.
pub(crate) struct Server {
    client: Client,
    run: String,
    /// The path of the run's files, if the server stores them itself.
    files: Option<String>,
}

impl Server {
    /// Creates a run, or continues the one of `MLFLOW_RUN_ID`.
    pub(crate) fn start(address: &str, run: &Run<'_>) -> Result<Self, TrackError> {
        Self::start_with(address, run, Environment::read())
    }

    fn start_with(
        address: &str,
        run: &Run<'_>,
        environment: Environment,
    ) -> Result<Self, TrackError> {
        let client = Client::new(address, environment.authorization);
        let answer = match &environment.run {
            Some(id) => {
                let again = json!({"run_id": id, "status": "RUNNING"});
                client.post("runs/update", &again)?["run_info"].clone()
            }
            None => {
                let experiment = experiment(&client, &environment.experiment)?;
                let tag = |key: &str, value: &str| json!({"key": key, "value": value});
                let tags = [
                    tag("mlflow.source.name", "gleaner"),
                    tag("mlflow.source.type", "LOCAL"),
                    tag("gleaner.version", env!("CARGO_PKG_VERSION")),
                ];
                let new = json!({"experiment_id": experiment, "run_name": run.name,
                    "start_time": now(), "tags": tags});
                client.post("runs/create", &new)?["run"]["info"].clone()
            }
        };
        let text = |key: &str| answer[key].as_str().map(str::to_owned);
        let id = text("run_id").ok_or_else(|| client.error("the answer has no run_id"))?;
        let files = text("artifact_uri").as_deref().and_then(path_of_files);
        let mut server = Self { client, run: id, files };
        if let Err(error) = server.parameters(run) {
            // The run is there already. One that was named is the caller's.
            if environment.run.is_none() {
                let _ = server.finish(Outcome::Failed, &[]);
            }
            return Err(error);
        }
        Ok(server)
    }

    fn parameters(&self, run: &Run<'_>) -> Result<(), TrackError> {
        for some in run.parameters.chunks(BATCH) {
            let shortened = |value: &str| value.chars().take(LONGEST).collect::<String>();
            let parameters: Vec<Value> =
                some.iter().map(|(k, v)| json!({"key": k, "value": shortened(v)})).collect();
            self.log("params", parameters)?;
        }
        Ok(())
    }

    fn log(&self, kind: &str, items: Vec<Value>) -> Result<(), TrackError> {
        self.client.post("runs/log-batch", &json!({"run_id": self.run, kind: items})).map(drop)
    }

    fn upload(&self, file: &Path) -> Result<(), TrackError> {
        let (Some(folder), Some(name)) = (&self.files, file.file_name()) else { return Ok(()) };
        let bytes = fs::read(file).map_err(|error| TrackError::new(file.display(), error))?;
        self.client.put(&format!("{folder}/{}", name.to_string_lossy()), &bytes)
    }
}

impl Sink for Server {
    fn scalars(&mut self, step: u64, values: &[(&str, f64)]) -> Result<(), TrackError> {
        let time = now();
        let metric = |(name, value): &(&str, f64)| json!({"key": name, "value": number(*value), "step": step, "timestamp": time});
        self.log("metrics", values.iter().map(metric).collect())
    }

    fn finish(&mut self, outcome: Outcome, files: &[PathBuf]) -> Result<(), TrackError> {
        let uploaded = files.iter().try_for_each(|file| self.upload(file));
        let status = match outcome {
            Outcome::Finished => "FINISHED",
            Outcome::Failed => "FAILED",
            Outcome::Stopped => "KILLED",
        };
        let end = json!({"run_id": self.run, "status": status, "end_time": now()});
        // A run has ended whether or not its files could be stored.
        let ended = self.client.post("runs/update", &end).map(drop);
        uploaded.and(ended)
    }
}

/// The id of the experiment, which is created if it does not exist.
fn experiment(client: &Client, experiment: &Experiment) -> Result<String, TrackError> {
    let name = match experiment {
        Experiment::Id(id) => return Ok(id.clone()),
        Experiment::Name(name) => name,
    };
    let found = match client.experiment(name)? {
        Some(found) => found["experiment"]["experiment_id"].clone(),
        None => client.post("experiments/create", &json!({"name": name}))?["experiment_id"].clone(),
    };
    match found {
        Value::String(id) => Ok(id),
        _ => Err(client.error("the answer has no experiment_id")),
    }
}

/// The path on the server of `mlflow-artifacts:/PATH`. Other addresses are those of stores that only MLflow's own
/// client can write to.
fn path_of_files(address: &str) -> Option<String> {
    let path = address.strip_prefix("mlflow-artifacts:/")?;
    (!path.starts_with('/')).then(|| path.to_owned())
}

/// A number in JSON. Those that JSON does not have are written as protobuf writes them.
fn number(value: f64) -> Value {
    match value {
        value if value.is_nan() => json!("NaN"),
        f64::INFINITY => json!("Infinity"),
        f64::NEG_INFINITY => json!("-Infinity"),
        value => json!(value),
    }
}

/// Milliseconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

#[cfg(test)]
mod tests;
