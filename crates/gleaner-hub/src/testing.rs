//! A Hugging Face hub on this computer, for tests: a folder, the hub's addresses, and faults on demand.
//!
//! ```text
//! ROOT/models/OWNER/NAME/...       a model's files
//! ROOT/datasets/OWNER/NAME/...     a data set's files
//! ```
//!
//! As on the hub, large files (safetensors, parquet, bin) are handed out by a store at another address, with signed links
//! that the token must not be sent to; small ones through a redirect on the hub itself. A repository has one commit, a
//! hash of its files as they are now.

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

/// A server that speaks like the hub, until it is dropped.
pub struct TestHub {
    state: Arc<State>,
    home: SocketAddr,
}

/// What a server got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET` or `HEAD`.
    pub method: String,
    /// The path without escapes and without the query.
    pub path: String,
    /// The `Range` header.
    pub range: Option<String>,
    /// The `Authorization` header.
    pub authorization: Option<String>,
}

/// What a server does wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// It answers with this status and these headers.
    Status(u16, Vec<(&'static str, String)>),
    /// The connection ends after so many bytes of the body.
    Drop(u64),
    /// It states and sends no more than so many bytes of the file.
    Truncate(u64),
    /// It states no size and ends after so many bytes of the body.
    Unstated(u64),
    /// The last byte is another one.
    Corrupt,
    /// It sends the file from its start, whatever was asked.
    IgnoreRange,
    /// It falls silent after so many bytes of the body.
    Stall(u64),
    /// It waits between the quarters of the body.
    Slow(Duration),
}

struct State {
    root: PathBuf,
    store: String,
    stop: AtomicBool,
    requests: Mutex<Vec<Request>>,
    faults: Mutex<Vec<Planned>>,
    revisions: Mutex<BTreeSet<String>>,
    tokens: Mutex<BTreeMap<String, String>>,
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
    /// There is no port to listen at.
    pub fn serve(root: impl Into<PathBuf>) -> Self {
        let listen = || TcpListener::bind("127.0.0.1:0").expect("a free port");
        let (home, store) = (listen(), listen());
        let address = |listener: &TcpListener| listener.local_addr().expect("bound");
        let state = Arc::new(State {
            root: root.into(),
            store: format!("http://{}", address(&store)),
            stop: AtomicBool::new(false),
            requests: Mutex::default(),
            faults: Mutex::default(),
            revisions: Mutex::new(BTreeSet::from(["main".to_owned()])),
            tokens: Mutex::default(),
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

    /// A configuration that asks this server and does not wait long.
    pub fn config(&self, cache: &Path) -> HubConfig {
        let mut config = HubConfig::new(self.endpoint(), cache);
        config.backoff = Duration::from_millis(1);
        config.silence = Duration::from_millis(1500);
        config
    }

    /// The next `times` requests whose path ends in `path_end` go wrong; a fault of the body leaves requests without one
    /// alone.
    pub fn fault(&self, path_end: &str, times: u32, fault: Fault) {
        let planned = Planned { path_end: path_end.to_owned(), times, fault };
        self.state.faults.lock().expect("no panic").push(planned);
    }

    /// Gives every repository's commit one more name, beside `main`.
    pub fn name_revision(&self, name: &str) {
        self.state.revisions.lock().expect("no panic").insert(name.to_owned());
    }

    /// Hands out `OWNER/NAME` to those alone who send this token.
    pub fn gate(&self, repository: &str, token: &str) {
        let mut tokens = self.state.tokens.lock().expect("no panic");
        tokens.insert(repository.to_owned(), token.to_owned());
    }

    /// The commit of `models/OWNER/NAME` or `datasets/OWNER/NAME`.
    pub fn commit(&self, place: &str) -> String {
        serve::commit(&self.state.root.join(place))
    }

    /// What was asked since the last call.
    pub fn take_requests(&self) -> Vec<Request> {
        std::mem::take(&mut *self.state.requests.lock().expect("no panic"))
    }
}

impl Drop for TestHub {
    fn drop(&mut self) {
        self.state.stop.store(true, Ordering::SeqCst);
        // Wakes the threads that wait for a connection, so that they end and close their ports.
        let store = self.state.store.trim_start_matches("http://").parse();
        for address in [Ok(self.home), store].into_iter().flatten() {
            let _ = TcpStream::connect(address);
        }
    }
}
