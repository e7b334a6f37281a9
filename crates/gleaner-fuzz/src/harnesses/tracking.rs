//! Replies of a tracking server of MLflow.

use super::{
    server::{Reply, SERVER, STATUSES},
    support::file,
};
use gleaner_track::{Outcome, Run, Target, Tracker};
use std::fs;

/// The ends of the addresses whose reply the lower bits of an input's first byte choose, with the usual replies.
const REPLIES: [(&str, &str); 5] = [
    ("get-by-name?experiment_name=Default", r#"{"experiment": {"experiment_id": "0"}}"#),
    ("experiments/create", r#"{"experiment_id": "5"}"#),
    (
        "runs/create",
        r#"{"run": {"info": {"run_id": "r1", "artifact_uri": "mlflow-artifacts:/0/r1/artifacts"}}}"#,
    ),
    ("runs/log-batch", "{}"),
    ("runs/update", r#"{"run_info": {"run_id": "r1"}}"#),
];

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let seed = |(choice, reply): (u8, &str)| [&[choice][..], reply.as_bytes()].concat();
    let refused = r#"{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no\nsuch run"}"#;
    let usual = (0..).zip(REPLIES.map(|(_, reply)| reply));
    usual.chain([(1 << 5 | 4, refused)]).map(seed).collect()
}

/// Logs a run to a server that gives an odd reply.
pub(super) fn tracking(input: &[u8]) -> Result<(), String> {
    let (choice, bytes) = input.split_first().unwrap_or((&0, &[]));
    let chosen = usize::from(choice & 15) % REPLIES.len();
    let (status, body) = (STATUSES[usize::from(choice >> 5)], SERVER.body(bytes)?);
    let mut replies = vec![Reply { end: REPLIES[chosen].0, status, body }];
    if chosen == 1 {
        // Otherwise no experiment is created.
        replies.push(Reply { end: REPLIES[0].0, status: 404, body: b"{}".to_vec() });
    }
    let usual = |(end, reply): (&'static str, &str)| Reply {
        end,
        status: 200,
        body: reply.as_bytes().to_vec(),
    };
    replies.extend(REPLIES.map(usual));
    SERVER.reply(replies);
    let card = file("tracking", "README.md");
    fs::write(&card, "# A model\n").expect("a file");
    let parameters = [("epochs".to_owned(), "2".to_owned())];
    let run = Run { name: "run", parameters: &parameters };
    let mut tracker = Tracker::new(Target::MlFlow(SERVER.address.clone()));
    tracker.start(&run).map_err(|e| e.to_string())?;
    tracker.scalars(1, &[("loss", 0.5), ("f1", f64::NAN)]).map_err(|e| e.to_string())?;
    tracker.finish(Outcome::Finished, &[card]).map_err(|e| e.to_string())
}
