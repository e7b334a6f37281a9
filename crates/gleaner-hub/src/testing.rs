//! A local Hugging Face hub for tests, which serves a folder and fails on demand.
//!
//! ```text
//! ROOT/models/OWNER/NAME/...       a model's files
//! ROOT/datasets/OWNER/NAME/...     a data set's files
//! ```
//!
//! As on the hub, large files (safetensors, parquet, bin) are served by a store at another address with signed links,
//! and small files through a redirect on the hub. A repository has one commit, a hash of its current files.
//!
//! After [`TestHub::allow_writing`], models can be pushed. The answers are those that the library huggingface_hub
//! expects (`scripts/check-push`), and requests that it would not send are refused.

mod receive;
mod serve;

use crate::HubConfig;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// A server with the addresses of the hub. It stops when it is dropped.
pub struct TestHub {
    state: Arc<State>,
    home: SocketAddr,
}

/// A request that the server received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `HEAD`, `POST` or `PUT`.
    pub method: String,
    /// The path, unescaped, without the query.
    pub path: String,
    /// The `Range` header.
    pub range: Option<String>,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// What was sent.
    pub body: Vec<u8>,
}

/// An error of the server.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Answer with this status and these headers.
    Status(u16, Vec<(&'static str, String)>),
    /// Close the connection after this number of bytes of the body.
    Drop(u64),
    /// State and send only this number of bytes of the file.
    Truncate(u64),
    /// State no size and end after this number of bytes of the body.
    Unstated(u64),
    /// Change the last byte.
    Corrupt,
    /// Send the whole file although a range was requested.
    IgnoreRange,
    /// Send nothing after this number of bytes of the body, and keep the connection open.
    Stall(u64),
    /// Wait between the quarters of the body.
    Slow(Duration),
    /// Answer with this JSON.
    Answer(String),
    /// Close the connection after this number of bytes of what the client sends.
    DropSent(u64),
    /// Do what was asked, then close the connection without an answer.
    Mute,
}

struct State {
    root: PathBuf,
    home: String,
    store: String,
    stop: AtomicBool,
    requests: Mutex<Vec<Request>>,
    faults: Mutex<Vec<Planned>>,
    revisions: Mutex<BTreeSet<String>>,
    tokens: Mutex<BTreeMap<String, String>>,
    received: Mutex<Received>,
}

/// What clients sent, and who may send.
#[derive(Default)]
struct Received {
    /// The token with write access.
    writer: Option<String>,
    /// The repositories that only this token sees.
    private: BTreeSet<String>,
    /// The size of the parts in which large files are sent; `None` for whole files.
    part: Option<u64>,
    /// Large files by their SHA-256.
    objects: BTreeMap<String, Vec<u8>>,
    /// Parts of large files by the SHA-256 of the file and their number.
    parts: BTreeMap<(String, u64), Vec<u8>>,
}

struct Planned {
    path_end: String,
    times: u32,
    fault: Fault,
}

impl TestHub {
    /// Serves the repositories below `root`.
    ///
    /// # Panics
    /// There is no free port.
    pub fn serve(root: impl Into<PathBuf>) -> Self {
        let listen = || TcpListener::bind("127.0.0.1:0").expect("a free port");
        let (home, store) = (listen(), listen());
        let address = |listener: &TcpListener| listener.local_addr().expect("bound");
        let state = Arc::new(State {
            root: root.into(),
            home: format!("http://{}", address(&home)),
            store: format!("http://{}", address(&store)),
            stop: AtomicBool::new(false),
            requests: Mutex::default(),
            faults: Mutex::default(),
            revisions: Mutex::new(BTreeSet::from(["main".to_owned()])),
            tokens: Mutex::default(),
            received: Mutex::default(),
        });
        let hub = Self { home: address(&home), state };
        for (listener, is_store) in [(home, false), (store, true)] {
            let state = Arc::clone(&hub.state);
            std::thread::spawn(move || serve::accept(&listener, &state, is_store));
        }
        hub
    }

    /// The address for `HF_ENDPOINT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.home)
    }

    /// A configuration with this server, this cache and short waits.
    pub fn config(&self, cache: &Path) -> HubConfig {
        let mut config = HubConfig::new(self.endpoint(), cache);
        config.backoff = Duration::from_millis(1);
        config.timeout = Duration::from_millis(1500);
        config
    }

    /// Lets the next `times` requests fail whose path ends in `path_end`. Errors of the body do not apply to `HEAD`
    /// requests.
    pub fn fault(&self, path_end: &str, times: u32, fault: Fault) {
        let planned = Planned { path_end: path_end.to_owned(), times, fault };
        self.state.faults.lock().expect("no panic").push(planned);
    }

    /// Adds a branch with this name to all repositories.
    pub fn name_revision(&self, name: &str) {
        self.state.revisions.lock().expect("no panic").insert(name.to_owned());
    }

    /// Requires this token for `OWNER/NAME`.
    pub fn gate(&self, repository: &str, token: &str) {
        let mut tokens = self.state.tokens.lock().expect("no panic");
        tokens.insert(repository.to_owned(), token.to_owned());
    }

    /// Lets this token create and change models.
    pub fn allow_writing(&self, token: &str) {
        self.state.received.lock().expect("no panic").writer = Some(token.to_owned());
    }

    /// Asks clients to send large files in parts of this number of bytes.
    pub fn in_parts_of(&self, bytes: u64) {
        self.state.received.lock().expect("no panic").part = Some(bytes);
    }

    /// The commit of `models/OWNER/NAME` or `datasets/OWNER/NAME`.
    pub fn commit(&self, place: &str) -> String {
        serve::commit(&self.state.root.join(place))
    }

    /// The requests since the last call.
    pub fn take_requests(&self) -> Vec<Request> {
        std::mem::take(&mut *self.state.requests.lock().expect("no panic"))
    }
}

impl Drop for TestHub {
    fn drop(&mut self) {
        self.state.stop.store(true, Ordering::SeqCst);
        // Wakes the threads that wait for a connection, so that they close their ports.
        let store = self.state.store.trim_start_matches("http://").parse();
        for address in [Ok(self.home), store].into_iter().flatten() {
            let _ = TcpStream::connect(address);
        }
    }
}
