//! An MLflow server on this computer, for tests: it keeps what it receives, and fails on demand.

use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

/// A server with the addresses of MLflow. It stops when it is dropped.
pub struct TestServer {
    state: Arc<State>,
    home: SocketAddr,
}

/// A request that the server received.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// `GET`, `POST` or `PUT`.
    pub method: String,
    /// The path with the query.
    pub path: String,
    /// The header `Authorization`.
    pub authorization: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// The body as JSON.
    ///
    /// # Panics
    /// It is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

#[derive(Default)]
struct State {
    stop: AtomicBool,
    requests: Mutex<Vec<Request>>,
    /// Answers by the end of the path, in place of MLflow's.
    instead: Mutex<BTreeMap<String, (u16, String)>>,
}

impl TestServer {
    /// Starts a server with the experiment `Default`, whose id is 0.
    ///
    /// # Panics
    /// There is no free port.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let home = listener.local_addr().expect("bound");
        let state = Arc::new(State::default());
        let served = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if served.stop.load(Ordering::SeqCst) {
                    return;
                }
                // Errors of clients that disconnect are ignored.
                answer(&served, &stream).ok();
            }
        });
        Self { state, home }
    }

    /// The address without a slash at the end.
    pub fn address(&self) -> String {
        format!("http://{}", self.home)
    }

    /// Answers all requests whose path ends in `path_end` with this status and body.
    pub fn answer_instead(&self, path_end: &str, status: u16, body: &str) {
        let mut instead = self.state.instead.lock().expect("no panic");
        instead.insert(path_end.to_owned(), (status, body.to_owned()));
    }

    /// The requests since the last call.
    pub fn take_requests(&self) -> Vec<Request> {
        std::mem::take(&mut *self.state.requests.lock().expect("no panic"))
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.state.stop.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a connection, so that it closes its port.
        let _ = TcpStream::connect(self.home);
    }
}

fn answer(state: &State, mut stream: &TcpStream) -> io::Result<()> {
    let Some(request) = read(stream)? else { return Ok(()) };
    let path = request.path.clone();
    state.requests.lock().expect("no panic").push(request);
    let instead = state.instead.lock().expect("no panic").clone();
    let (status, body) = match instead.iter().find(|(end, _)| path.ends_with(end.as_str())) {
        Some((_, answer)) => answer.clone(),
        None => usual(&path),
    };
    let head = format!(
        "HTTP/1.1 {status} Status\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())
}

/// The answers of MLflow.
fn usual(path: &str) -> (u16, String) {
    let info = json!({"run_id": "r1", "artifact_uri": "mlflow-artifacts:/0/r1/artifacts"});
    let answer = match path {
        "/api/2.0/mlflow/experiments/get-by-name?experiment_name=Default" => {
            json!({"experiment": {"experiment_id": "0", "name": "Default"}})
        }
        "/api/2.0/mlflow/experiments/create" => json!({"experiment_id": "5"}),
        "/api/2.0/mlflow/runs/create" => json!({"run": {"info": info}}),
        "/api/2.0/mlflow/runs/update" => json!({"run_info": info}),
        "/api/2.0/mlflow/runs/log-batch" => json!({}),
        // As MLflow 3 does; MLflow 2 answers `{}`.
        path if path.starts_with("/api/2.0/mlflow-artifacts/artifacts/") => {
            return (200, String::new());
        }
        _ => {
            let body = json!({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no such thing"});
            return (404, body.to_string());
        }
    };
    (200, answer.to_string())
}

fn read(stream: &TcpStream) -> io::Result<Option<Request>> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split(' ');
    let (Some(method), Some(path)) = (words.next(), words.next()) else { return Ok(None) };
    let (method, path) = (method.to_owned(), path.to_owned());
    let (mut authorization, mut length) = (None, 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "authorization" => authorization = Some(value.to_owned()),
            "content-length" => length = value.parse().unwrap_or(0),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(Request { method, path, authorization, body }))
}
